import Foundation
import Testing

@testable import Tokenization

/// The tokens that may form an answer without a thought.
struct NumberTokenTests {
    /// Every byte, then these tokens, as Llama 3 and others have them.
    private func tokenizer(_ tokens: [String]) throws -> Tokenizer {
        let names =
            (UInt8.min...255).map { String(ByteAlphabet.character(of: $0)) }
            + tokens.map { $0.utf8.map { String(ByteAlphabet.character(of: $0)) }.joined() }
        let byteLevel: [String: Any] = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true,
        ]
        let file: [String: Any] = [
            "version": "1.0", "pre_tokenizer": byteLevel, "decoder": byteLevel,
            "model": [
                "type": "BPE", "vocab": Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) }),
                "merges": [[names[Int(UInt8(ascii: "4"))], names[Int(UInt8(ascii: "2"))]]],
            ],
        ]
        return try Tokenizer(contentsOf: JSONSerialization.data(withJSONObject: file), requiresEnd: false)
    }

    @Test func `numbers of several digits count, with a blank before them and with a minus sign`() throws {
        let more = ["42", "107", " 42", "-1", "--", "\n\n", "\t7", "4a", "4.", "½", "٣", "<42>", "+1", "1e5"]
        let tokenizer = try tokenizer(more)
        let numbers = Set(tokenizer.numberTokens)
        for (index, token) in more.enumerated() {
            #expect(numbers.contains(Int32(256 + index)) == (index < 7), "\(token)")
        }
        let single = "0123456789- \t\n\r".utf8.map { tokenizer.id(of: String(UnicodeScalar($0))) }
        for id in single { #expect(numbers.contains(try #require(id))) }
        #expect(tokenizer.numberTokens == tokenizer.numberTokens.sorted())
        #expect(numbers.count == 7 + 11 + 6)
    }

    @Test func `in a vocabulary of characters only digits and the minus sign count`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        let expected = "0123456789-".compactMap { tokenizer.id(of: String($0)) }.sorted()
        #expect(tokenizer.numberTokens == expected)
    }
}
