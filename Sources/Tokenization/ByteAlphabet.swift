/// The byte-level alphabet of GPT-2: every byte has a printable character, so that a vocabulary is readable text.
///
///     ByteAlphabet.character(of: 10)   // Ċ, the newline
///
/// Printable bytes stand for themselves; the other 68 take the characters from U+0100 on, in order.
package enum ByteAlphabet {
    private static let characters: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            if prints(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? "?"
        }
    }()

    /// Bytes by the value of their character; nil for a character that stands for no byte.
    private static let bytes: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: 0x100 + 68)
        for (character, byte) in zip(characters, UInt8.min...UInt8.max) { bytes[Int(character.value)] = byte }
        return bytes
    }()

    /// The character that stands for a byte.
    package static func character(of byte: UInt8) -> Unicode.Scalar { characters[Int(byte)] }

    /// The bytes that a byte-level token stands for; nil when a character is not in the alphabet.
    package static func bytes(of token: String) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(token.utf8.count)
        for scalar in token.unicodeScalars {
            guard scalar.value < bytes.count, let byte = bytes[Int(scalar.value)] else { return nil }
            result.append(byte)
        }
        return result
    }

    private static func prints(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || byte >= 0xAE
    }
}
