/// Decodes ids one by one and never cuts a character.
///
///     var decoder = tokenizer.incrementalDecoder()
///     for id in ids { print(try decoder.append(id), terminator: "") }
///     print(decoder.finish())
///
/// Its outputs, joined, equal the result of `decode` for all ids at once.
package struct IncrementalDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    /// The first bytes of a character that is not complete yet, at most three.
    private var pending: [UInt8] = []

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// Returns the text that this id completes, which is often empty.
    ///
    /// Bytes that no further id can complete become U+FFFD.
    ///
    /// - Throws: `TokenizerError.unknownID`; the decoder is then unchanged.
    package mutating func append(_ id: Int32) throws(TokenizerError) -> String {
        pending += try tokenizer.bytes(of: id, skippingSpecialTokens: skipsSpecialTokens)
        let whole = pending.count - Self.unfinished(pending)
        guard whole > 0 else { return "" }
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// Returns what is left when no more ids come: U+FFFD for an incomplete character, else an empty text.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Number of bytes at the end that begin a character which further bytes can complete.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        guard let lead = bytes.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return 0 }
        let count = bytes.count - lead
        let needed =
            switch bytes[lead] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard count < needed else { return 0 }
        // After some lead bytes the second byte has a smaller range; outside it, the character is invalid.
        if count > 1 {
            let second: ClosedRange<UInt8> =
                switch bytes[lead] {
                case 0xE0: 0xA0...0xBF
                case 0xED: 0x80...0x9F
                case 0xF0: 0x90...0xBF
                case 0xF4: 0x80...0x8F
                default: 0x80...0xBF
                }
            guard second.contains(bytes[lead + 1]) else { return 0 }
        }
        return count
    }
}

extension Tokenizer {
    /// A decoder for the ids of one text, from the first id on.
    package func incrementalDecoder(skippingSpecialTokens: Bool = false) -> IncrementalDecoder {
        IncrementalDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
    }
}
