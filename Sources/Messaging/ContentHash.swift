import Crypto

/// SHA-256 as manifests write it: lowercase hexadecimal.
enum ContentHash {
    static func text(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func text(of bytes: [UInt8]) -> String { bytes.withUnsafeBytes { text(of: $0) } }
}
