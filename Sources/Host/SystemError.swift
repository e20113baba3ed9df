import Foundation

/// A failed system call: the operation and `errno`.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The operation, as a verb with its object: `make a pipe`.
    package let operation: String
    package let code: Int32

    package init(_ operation: String, _ code: Int32) {
        self.operation = operation
        self.code = code
    }

    package var reason: String { String(cString: strerror(code)) }
    package var description: String { "cannot \(operation): \(reason)" }
}
