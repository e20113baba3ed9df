import Crypto
import Primitives
import Processes

/// SHA-256 as manifests write it: lowercase hexadecimal.
package enum ContentHash {
    package static func text(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return Hexadecimal.text(of: hash.finalize())
    }

    package static func text(of bytes: [UInt8]) -> String { bytes.withUnsafeBytes { text(of: $0) } }

    /// Of each of these ranges, in order, on all processors.
    package static func texts(of ranges: [Range<Int>], in bytes: UnsafeRawBufferPointer) -> [String] {
        nonisolated(unsafe) let bytes = bytes
        return Parallel.map(ranges.count) { text(of: UnsafeRawBufferPointer(rebasing: bytes[ranges[$0]])) }
    }
}
