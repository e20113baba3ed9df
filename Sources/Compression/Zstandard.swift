import CZstd

/// Zstandard frames (RFC 8878), one call each way.
///
/// The same bytes, level and library version give the same frame.
package enum Zstandard {
    /// Packs bytes into one frame that says how many they are.
    ///
    /// - Parameter level: 1 to 19, from fast to small.
    /// - Throws: `CompressionError` when there is no memory.
    package static func pack(_ bytes: UnsafeRawBufferPointer, level: Int32 = 1) throws(CompressionError)
        -> [UInt8]
    {
        var status = 0
        let packed = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { target, count in
            status = ZSTD_compress(target.baseAddress, target.count, bytes.baseAddress, bytes.count, level)
            count = ZSTD_isError(status) == 0 ? status : 0
        }
        try check(status, "pack \(bytes.count) bytes")
        return packed
    }

    /// Unpacks one whole frame.
    ///
    /// No more than `limit` bytes are ever allocated, regardless of what the frame says or holds.
    ///
    /// - Throws: `CompressionError` for bytes that are no frame or are cut short, and for a frame without a
    ///   size or with one above `limit`.
    package static func unpack(_ frame: UnsafeRawBufferPointer, limit: Int) throws(CompressionError)
        -> [UInt8]
    {
        let said = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
        // The two highest values mean that the size is unknown and that the bytes are no frame.
        guard said < UInt64(bitPattern: -2) else {
            throw CompressionError("\(frame.count) bytes are no zstd frame that says its size")
        }
        guard said <= UInt64(limit) else {
            throw CompressionError(
                "a zstd frame of \(frame.count) bytes says it holds \(said), at most \(limit) are taken")
        }
        var status = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(said)) { target, count in
            status = ZSTD_decompress(target.baseAddress, Int(said), frame.baseAddress, frame.count)
            count = ZSTD_isError(status) == 0 ? status : 0
        }
        try check(status, "unpack \(frame.count) bytes")
        guard bytes.count == Int(said) else {
            throw CompressionError("a zstd frame says it holds \(said) bytes and holds \(bytes.count)")
        }
        return bytes
    }

    private static func check(_ status: Int, _ operation: String) throws(CompressionError) {
        guard ZSTD_isError(status) != 0 else { return }
        throw CompressionError("zstd cannot \(operation): \(String(cString: ZSTD_getErrorName(status)))")
    }
}

/// Why bytes could not be packed or unpacked.
package struct CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
