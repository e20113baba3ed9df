/// One part of a message on the wire.
package typealias Frame = [UInt8]

#if !_endian(little)
    #error("frames are little-endian, as every machine with a libtorch is")
#endif

/// Raw little-endian arrays.
enum RawArray {
    static func frame<Element: BitwiseCopyable>(of values: [Element]) -> Frame {
        values.withUnsafeBytes { Frame($0) }
    }

    /// - Throws: `WireError` when the frame does not have exactly `count` elements.
    static func values<Element: BitwiseCopyable>(
        of frame: Frame, count: Int, zero: Element, field: String
    ) throws -> [Element] {
        let size = MemoryLayout<Element>.size
        guard count >= 0, frame.count.isMultiple(of: size), frame.count / size == count else {
            throw WireError(
                .frameSize, field: field, found: "\(frame.count) bytes", wanted: "\(count) × \(size) bytes")
        }
        var values = [Element](repeating: zero, count: count)
        values.withUnsafeMutableBytes { $0.copyBytes(from: frame) }
        return values
    }
}
