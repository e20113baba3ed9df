import CTorchAPI

// Rules that hold for every operation of this file:
// - Broadcasting: two operands of an elementwise operation need not have one shape. Shapes are aligned at their last
//   dimension; where one size is 1 or missing, that operand is repeated. [4, 3] + [3] adds the vector to each row; [4]
//   + [3] is an error.
// - Element types: the result has the wider type of the two (bfloat16 + float32 is float32). Both operands must be on
//   one device.
// - Gradients: while gradients are recorded, each result remembers its operands, and `backward` reaches them.
// - Errors: `TorchError` names the operation and the shapes of its operands.
extension Tensor {
    /// Elementwise sum, with broadcasting.
    package static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_ADD, "add", left, right)
    }

    /// Elementwise difference, with broadcasting.
    package static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_SUBTRACT, "subtract", left, right)
    }

    /// Elementwise product, with broadcasting.
    package static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_MULTIPLY, "multiply", left, right)
    }

    /// Every element times a number; shape and type stay.
    package static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try make("multiply_scalar", left) { api.pointee.multiply_scalar(left.handle, right, $0, $1) }
    }

    /// Elementwise smaller of two, with broadcasting.
    ///
    /// Where both are equal, each gets half of the gradient.
    package static func minimum(_ left: Tensor, _ right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_MINIMUM, "minimum", left, right)
    }

    /// Matrix product [n, k] · [k, m] → [n, m].
    ///
    /// Dimensions before the last two are a batch and broadcast: [b, n, k] · [k, m] → [b, n, m]. A vector [k] counts as
    /// one row on the left and as one column on the right.
    package func matmul(_ right: Tensor) throws(TorchError) -> Tensor {
        try Tensor.binary(PT_MATMUL, "matmul", self, right)
    }

    /// e^x of each element; same shape.
    package func exp() throws(TorchError) -> Tensor { try unary(PT_EXP, "exp") }

    /// Sum of all elements, a scalar (shape []).
    package func sum() throws(TorchError) -> Tensor { try unary(PT_SUM, "sum") }

    /// The same values, sharing memory, with no gradient behind them.
    package func detached() throws(TorchError) -> Tensor { try unary(PT_DETACH, "detach") }

    /// Each element limited to [low, high]; same shape.
    ///
    /// An element outside of the limits gets no gradient.
    package func clamped(_ low: Double, _ high: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("clamp", self) { api.pointee.clamp(handle, low, high, $0, $1) }
    }

    /// The part [start, start + length) of one dimension, sharing memory; the other dimensions stay.
    ///
    /// - Throws: `TorchError` when the part does not lie inside the dimension.
    package func narrowed(_ dimension: Int, from start: Int, count length: Int) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("narrow", self) {
            api.pointee.narrow(handle, Int32(dimension), Int64(start), Int64(length), $0, $1)
        }
    }

    /// Copies of the parts, one after another along a dimension: [2, w] and [3, w] → [5, w].
    ///
    /// - Throws: `TorchError` when there is no part, or when the other dimensions differ.
    package static func concatenated(_ parts: [Tensor], dimension: Int = 0) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        let handle = try result("concatenate", parts) { out, error in
            api.pointee.concatenate(
                parts.map { Optional($0.handle) }, Int32(parts.count), Int32(dimension), out, error)
        }
        return try Tensor(adopting: handle)
    }

    /// Copies of the rows of a table [rows, width] at int64 indices [n] → [n, width].
    ///
    /// An index may repeat; its gradients add up.
    ///
    /// - Throws: `TorchError` when an index lies outside of the table.
    package func rows(_ indices: Tensor) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("select_rows", self, indices) {
            api.pointee.select_rows(handle, indices.handle, $0, $1)
        }
    }

    private func unary(_ operation: pt_unary, _ name: String) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make(name, self) { api.pointee.unary(Int32(operation.rawValue), handle, $0, $1) }
    }

    private static func binary(_ operation: pt_binary, _ name: String, _ left: Tensor, _ right: Tensor)
        throws(TorchError) -> Tensor
    {
        let api = try TorchLibrary.api()
        return try make(name, left, right) {
            api.pointee.binary(Int32(operation.rawValue), left.handle, right.handle, $0, $1)
        }
    }
}
