private import Crypto

/// The SHA-256 of bytes as 64 lower-case hexadecimal digits.
package struct ContentHash {
    private var hash = SHA256()

    package init() {}

    /// Appends bytes to the hashed content.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// Appends bytes to the hashed content.
    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The hash of all appended bytes.
    package var text: String { Hexadecimal.text(of: hash.finalize()) }

    package static func text(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = ContentHash()
        hash.update(bytes)
        return hash.text
    }

    package static func text(of bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousStorageIfAvailable { text(of: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes { text(of: $0) }
    }

    /// The hash of each range of the bytes, in order; uses all processors.
    package static func texts(of ranges: [Range<Int>], in bytes: UnsafeRawBufferPointer) -> [String] {
        nonisolated(unsafe) let bytes = bytes
        return Parallel.map(ranges.count) { text(of: UnsafeRawBufferPointer(rebasing: bytes[ranges[$0]])) }
    }
}
