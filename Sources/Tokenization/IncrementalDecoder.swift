/// Turns ids into text one by one, and never cuts a character.
///
///     var decoder = tokenizer.incrementalDecoder()
///     for id in ids { print(try decoder.append(id), terminator: "") }
///     print(decoder.finish())
///
/// All it gives, joined, is what `decode` gives for all ids at once.
package struct IncrementalDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    /// The beginning of a character that is not whole yet; at most three bytes.
    private var pending: [UInt8] = []

    init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// The text that is whole with this id, often none; bytes that no id can make whole become U+FFFD.
    ///
    /// Throws `unknownID`, and is as it was then.
    package mutating func append(_ id: Int32) throws(TokenizerError) -> String {
        pending += try tokenizer.bytes(of: id, skippingSpecialTokens: skipsSpecialTokens)
        let whole = pending.count - Self.unfinished(pending)
        guard whole > 0 else { return "" }
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// What is left when no more ids come: U+FFFD for a character that was never finished, else nothing.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end are the beginning of a character that further bytes can finish.
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
        // The second byte of some must be in a part of the range, or the character is broken already.
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
    /// A decoder that takes the ids of one text, from its first.
    package func incrementalDecoder(skippingSpecialTokens: Bool = false) -> IncrementalDecoder {
        IncrementalDecoder(self, skippingSpecialTokens: skippingSpecialTokens)
    }
}
