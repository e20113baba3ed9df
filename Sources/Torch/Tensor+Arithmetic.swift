import CTorchAPI

extension Tensor {
    package static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_ADD, "add", left, right)
    }

    package static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_SUBTRACT, "subtract", left, right)
    }

    package static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_MULTIPLY, "multiply", left, right)
    }

    package static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_DIVIDE, "divide", left, right)
    }

    package static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try make("multiply_scalar", left) { api.pointee.multiply_scalar(left.handle, right, $0, $1) }
    }

    package static func + (left: Tensor, right: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try make("add_scalar", left) { api.pointee.add_scalar(left.handle, right, $0, $1) }
    }

    package static prefix func - (tensor: Tensor) throws(TorchError) -> Tensor {
        try tensor.unary(PT_NEGATE, "negate")
    }

    /// Elementwise smaller of two.
    package static func minimum(_ left: Tensor, _ right: Tensor) throws(TorchError) -> Tensor {
        try binary(PT_MINIMUM, "minimum", left, right)
    }

    /// Matrix product; the last two dimensions are the matrices'.
    package func matmul(_ right: Tensor) throws(TorchError) -> Tensor {
        try Tensor.binary(PT_MATMUL, "matmul", self, right)
    }

    package func exp() throws(TorchError) -> Tensor { try unary(PT_EXP, "exp") }
    package func log() throws(TorchError) -> Tensor { try unary(PT_LOG, "log") }
    package func sqrt() throws(TorchError) -> Tensor { try unary(PT_SQRT, "sqrt") }
    package func silu() throws(TorchError) -> Tensor { try unary(PT_SILU, "silu") }
    /// Sum of all elements, a scalar.
    package func sum() throws(TorchError) -> Tensor { try unary(PT_SUM, "sum") }
    /// Mean of all elements, a scalar.
    package func mean() throws(TorchError) -> Tensor { try unary(PT_MEAN, "mean") }
    /// Logarithm of the softmax over the last dimension.
    package func logSoftmax() throws(TorchError) -> Tensor { try unary(PT_LOG_SOFTMAX, "log_softmax") }
    /// The same values with no gradient behind them.
    package func detached() throws(TorchError) -> Tensor { try unary(PT_DETACH, "detach") }
    package func cloned() throws(TorchError) -> Tensor { try unary(PT_CLONE, "clone") }
    package func contiguous() throws(TorchError) -> Tensor { try unary(PT_CONTIGUOUS, "contiguous") }

    package func clamped(_ low: Double, _ high: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("clamp", self) { api.pointee.clamp(handle, low, high, $0, $1) }
    }

    package func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("reshape", self) {
            api.pointee.reshape(handle, shape.map(Int64.init), Int32(shape.count), $0, $1)
        }
    }

    /// The part [start, start + length) of one dimension, sharing memory.
    package func narrowed(_ dimension: Int, from start: Int, count length: Int) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("narrow", self) {
            api.pointee.narrow(handle, Int32(dimension), Int64(start), Int64(length), $0, $1)
        }
    }

    package func transposed(_ a: Int, _ b: Int) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("transpose", self) {
            api.pointee.transpose(handle, Int32(a), Int32(b), $0, $1)
        }
    }

    package static func concatenated(_ parts: [Tensor], dimension: Int = 0) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        let handle = try result("concatenate", parts) { out, error in
            api.pointee.concatenate(
                parts.map { Optional($0.handle) }, Int32(parts.count), Int32(dimension), out, error)
        }
        return try Tensor(adopting: handle)
    }

    /// Rows of a table [rows, width] by int64 indices [n] → [n, width].
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
