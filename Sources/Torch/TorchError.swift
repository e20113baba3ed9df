/// An operation that libtorch or the shim refused, with the shapes of its operands.
package struct TorchError: Error, CustomStringConvertible, Sendable {
    /// The operation that failed, such as `linear`.
    package let operation: String
    /// The operands' shapes, in order.
    package let shapes: [[Int]]
    /// What happened, in libtorch's words or ours, and the remedy if there is one.
    package let message: String

    package init(operation: String, shapes: [[Int]] = [], message: String) {
        self.operation = operation
        self.shapes = shapes
        self.message = message
    }

    package var description: String {
        let operands = shapes.isEmpty ? "" : " of " + shapes.map { "\($0)" }.joined(separator: ", ")
        return "torch \(operation)\(operands): \(message)"
    }
}
