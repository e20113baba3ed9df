import CTorchAPI

/// The element type of a tensor.
package enum DType: Int32, Sendable, CaseIterable {
    case float32 = 0
    case bfloat16 = 1
    case int64 = 2
    case float64 = 3
    case float16 = 4

    /// Bytes of one element.
    package var size: Int {
        switch self {
        case .bfloat16, .float16: 2
        case .float32: 4
        case .int64, .float64: 8
        }
    }
}

/// Where a tensor lives.
package enum Device: Int32, Sendable {
    case cpu = 0
    case cuda = 1
}

/// A libtorch tensor: an n-dimensional array of numbers that is freed with its last reference.
///
/// A tensor belongs to the thread that works on it, so it is not `Sendable`.
package final class Tensor {
    let handle: OpaquePointer
    /// Sizes of each dimension.
    package let shape: [Int]
    package let dtype: DType
    package let device: Device

    init(adopting handle: OpaquePointer) throws(TorchError) {
        let api = try TorchLibrary.api()
        self.handle = handle
        var description = pt_description()
        var error = pt_error()
        guard api.pointee.describe(handle, &description, &error) == 0,
            let dtype = DType(rawValue: description.dtype), let device = Device(rawValue: description.device)
        else {
            throw TorchError(
                operation: "describe",
                message: "the tensor has an element type or device that this build does not know")
        }
        self.dtype = dtype
        self.device = device
        shape = withUnsafeBytes(of: description.shape) { raw in
            raw.bindMemory(to: Int64.self).prefix(Int(description.rank)).map(Int.init)
        }
    }

    deinit {
        if case .success(let api) = Result(catching: { () throws(TorchError) in try TorchLibrary.api() }) {
            api.pointee.release(handle)
        }
    }

    /// Total number of elements; 1 for a scalar.
    package var count: Int { shape.reduce(1, *) }

    /// Makes a tensor from raw little-endian bytes in row-major order, as safetensors stores them.
    ///
    /// - Throws: `TorchError` when the shape does not take exactly these bytes.
    package convenience init(
        bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int], device: Device = .cpu
    ) throws(TorchError) {
        let api = try TorchLibrary.api()
        try self.init(
            adopting: Tensor.result("from_bytes") { out, error in
                api.pointee.from_bytes(
                    bytes.baseAddress, bytes.count, dtype.rawValue, shape.map(Int64.init), Int32(shape.count),
                    device.rawValue, out, error)
            })
    }

    /// Makes a float32 tensor on the CPU from values in row-major order, one value for each element of the shape.
    package convenience init(_ values: [Float], shape: [Int]) throws(TorchError) {
        try self.init(values, dtype: .float32, shape: shape)
    }

    /// Makes an int64 tensor likewise.
    package convenience init(_ values: [Int64], shape: [Int]) throws(TorchError) {
        try self.init(values, dtype: .int64, shape: shape)
    }

    /// Makes a float64 tensor likewise.
    package convenience init(_ values: [Double], shape: [Int]) throws(TorchError) {
        try self.init(values, dtype: .float64, shape: shape)
    }

    private convenience init<Element>(_ values: [Element], dtype: DType, shape: [Int]) throws(TorchError) {
        let made = values.withUnsafeBytes { raw -> Result<OpaquePointer, TorchError> in
            Result { () throws(TorchError) in
                let api = try TorchLibrary.api()
                return try Tensor.result("from_bytes") { out, error in
                    api.pointee.from_bytes(
                        raw.baseAddress, raw.count, dtype.rawValue, shape.map(Int64.init), Int32(shape.count),
                        Device.cpu.rawValue, out, error)
                }
            }
        }
        try self.init(adopting: made.get())
    }

    /// A tensor of zeros.
    package static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu)
        throws(TorchError)
        -> Tensor
    {
        let api = try TorchLibrary.api()
        return try make("zeros") { out, error in
            api.pointee.zeros(
                dtype.rawValue, shape.map(Int64.init), Int32(shape.count), device.rawValue, out, error)
        }
    }

    /// Copies the elements out as raw little-endian bytes in row-major order.
    package func bytes() throws(TorchError) -> [UInt8] {
        var error: TorchError?
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
            do throws(TorchError) {
                try copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
                filled = buffer.count
            } catch let failure {
                error = failure
            }
        }
        if let error { throw error }
        return bytes
    }

    /// Bytes that the elements take in memory.
    package var byteCount: Int { count * dtype.size }

    /// Copies the elements into `buffer` as raw little-endian bytes, row by row.
    ///
    /// - Parameter buffer: `byteCount` bytes; a buffer of another size is an error.
    package func copyBytes(to buffer: UnsafeMutableRawBufferPointer) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("to_bytes", [self]) {
            api.pointee.to_bytes(handle, buffer.baseAddress, buffer.count, $0)
        }
    }

    /// The elements as floats, converted if the tensor is of another type.
    package func floats() throws(TorchError) -> [Float] {
        let bytes = try converted(to: .float32).bytes()
        return bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    /// The value of a tensor with one element.
    ///
    /// - Throws: `TorchError` when it has more or fewer.
    package func item() throws(TorchError) -> Double {
        guard count == 1 else {
            throw TorchError(operation: "item", shapes: [shape], message: "it has \(count) elements, not one")
        }
        let bytes = try converted(to: .float64).bytes()
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) }
    }

    /// Overwrites the elements with those of `source`, converted to this tensor's type and device.
    ///
    /// Nothing is recorded for gradients.
    ///
    /// - Throws: `TorchError` when the shapes differ.
    package func copy(from source: Tensor) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("copy_into", [self, source]) {
            api.pointee.copy_into(handle, source.handle, $0)
        }
    }

    /// The same values in another element type or on another device; the tensor itself when it is there already.
    ///
    /// Shape and gradient stay.
    ///
    /// Float32 to bfloat16 rounds to the nearest, ties to even.
    package func converted(to dtype: DType, on device: Device? = nil) throws(TorchError) -> Tensor {
        let target = device ?? self.device
        if dtype == self.dtype && target == self.device { return self }
        let api = try TorchLibrary.api()
        return try Tensor.make("convert", self) { out, error in
            api.pointee.convert(handle, dtype.rawValue, target.rawValue, out, error)
        }
    }

    typealias Out = UnsafeMutablePointer<OpaquePointer?>
    typealias Failure = UnsafeMutablePointer<pt_error>

    static func result(
        _ operation: String, _ operands: [Tensor] = [], _ body: (Out, Failure) -> Int32
    ) throws(TorchError) -> OpaquePointer {
        var out: OpaquePointer?
        try TorchLibrary.check(operation, operands) { body(&out, $0) }
        guard let out else {
            throw TorchError(
                operation: operation, shapes: operands.map(\.shape), message: "the shim returned nothing")
        }
        return out
    }

    static func make(
        _ operation: String, _ operands: Tensor..., body: (Out, Failure) -> Int32
    ) throws(TorchError) -> Tensor {
        try Tensor(adopting: result(operation, operands, body))
    }
}
