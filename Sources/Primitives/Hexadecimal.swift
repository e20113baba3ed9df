/// Converts bytes and numbers to lower-case hexadecimal digits, and back.
package enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The digits of bytes, two per byte.
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The 16 digits of a number, the most significant first.
    package static func text(of number: UInt64) -> String {
        withUnsafeBytes(of: number.bigEndian) { text(of: $0) }
    }

    /// Whether a text has the form of a SHA-256 digest: 64 lower-case hexadecimal digits.
    package static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { value(of: $0) != nil }
    }

    /// The bytes of a text of lower-case digits, two per byte; other characters are ignored.
    package static func bytes(of text: String) -> [UInt8] {
        let values = text.utf8.compactMap(value(of:))
        return stride(from: 0, to: values.count - 1, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// The bytes of several texts, concatenated.
    package static func bytes(of texts: [String]) -> [UInt8] { texts.flatMap { bytes(of: $0) } }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
