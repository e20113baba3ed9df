import Foundation
import Testing

@testable import Tokenization

struct CharacterVocabularyTests {
    let text = "Q:17*3+58=?\nA:<think>17*3=51,51+58=109</think>109<end>"

    @Test func `the default vocabulary has 100 ids and the four tokens first`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        #expect(tokenizer.vocabularySize == 100)
        #expect(tokenizer.padToken == 0)
        #expect(tokenizer.endToken == 1)
        #expect(tokenizer.id(of: "<think>") == 2)
        #expect(tokenizer.id(of: "</think>") == 3)
        #expect(tokenizer.id(of: "\n") == 4)
        #expect(tokenizer.id(of: " ") == 5)
        #expect(tokenizer.id(of: "~") == 99)
        #expect(tokenizer.id(of: "é") == nil)
    }

    @Test func `a tag is one token and every other character is one`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        let ids = try tokenizer.encode(text)
        #expect(ids.count == "Q:17*3+58=?\nA:17*3=51,51+58=109109".count + 3)
        #expect(ids.filter { $0 == 2 }.count == 1)
        #expect(ids.last == 1)
        #expect(try tokenizer.decode(ids) == text)
        #expect(try tokenizer.decode(ids, skippingSpecialTokens: true) == String(text.dropLast(5)))
    }

    @Test func `tags may be Korean`() throws {
        let vocabulary = try CharacterVocabulary(openTag: "<생각>", closeTag: "</생각>")
        let tokenizer = try Tokenizer(contentsOf: vocabulary.tokenizerJSON)
        let ids = try tokenizer.encode("A:<생각>1+1=2</생각>2")
        #expect(ids.count == 10)
        #expect(ids[2] == 2)
        #expect(try tokenizer.decode(ids) == "A:<생각>1+1=2</생각>2")
    }

    @Test func `a tag that is not whole is read as characters`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        #expect(try tokenizer.encode("<think").count == 6)
        #expect(try tokenizer.encode("<<think>>").count == 3)
    }

    @Test func `a character outside the vocabulary is named with its place`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        #expect(throws: TokenizerError.unknownCharacter(character: "×", place: 9)) {
            try tokenizer.encode("<think>17×3")
        }
        #expect(throws: TokenizerError.unknownCharacter(character: "\t", place: 1)) {
            try tokenizer.encode("a\tb")
        }
    }

    @Test(arguments: [Int32(-1), 100, .max, .min])
    func `an id outside the vocabulary is an error`(id: Int32) throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        #expect(throws: TokenizerError.unknownID(id: id, vocabularySize: 100)) {
            try tokenizer.decode([4, id])
        }
    }

    @Test func `the same vocabulary has the same digest, other tags another`() throws {
        let first = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        let second = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        let korean = try Tokenizer(contentsOf: CharacterVocabulary(openTag: "<생각>").tokenizerJSON)
        #expect(first.digest == second.digest)
        #expect(first.digest.count == 64)
        #expect(first.digest != korean.digest)
    }

    @Test func `unusable vocabularies are refused`() {
        #expect(throws: TokenizerError.self) { try CharacterVocabulary(openTag: "", closeTag: "") }
        #expect(throws: TokenizerError.self) {
            try CharacterVocabulary(openTag: "<think>", closeTag: "<think>")
        }
        #expect(throws: TokenizerError.self) { try CharacterVocabulary(characters: ["a", "a"]) }
        #expect(throws: TokenizerError.self) { try CharacterVocabulary(characters: ["a", "é"]) }
        #expect(throws: TokenizerError.self) { try CharacterVocabulary(characters: []) }
        // Its letters would be read as bytes.
        #expect(throws: TokenizerError.self) { try CharacterVocabulary(openTag: "<é>") }
    }

    @Test func `a character that JSON escapes survives the file`() throws {
        let vocabulary = try CharacterVocabulary(openTag: #"<"\>"#, characters: ["\"", "\\", "\n", "\u{1}"])
        let tokenizer = try Tokenizer(contentsOf: vocabulary.tokenizerJSON)
        let ids = try tokenizer.encode("\"\\\n\u{1}<\"\\>")
        #expect(ids == [4, 5, 6, 7, 2])
        #expect(try tokenizer.decode(ids) == "\"\\\n\u{1}<\"\\>")
    }

    @Test func `a prompt is encoded in well under a millisecond`() throws {
        let tokenizer = try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON)
        let clock = ContinuousClock()
        let best = try (0..<20).map { _ in try clock.measure { _ = try tokenizer.encode(text) } }.min()
        #expect(try #require(best) < .milliseconds(1))
    }
}
