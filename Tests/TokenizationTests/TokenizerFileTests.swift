import Foundation
import Testing

@testable import Tokenization

struct TokenizerFileTests {
    /// The character vocabulary's file with one piece of its text replaced.
    private func file(_ old: String, _ new: String) throws -> [UInt8] {
        let text = String(decoding: try CharacterVocabulary().tokenizerJSON, as: UTF8.self)
        try #require(text.contains(old))
        return Array(text.replacingOccurrences(of: old, with: new).utf8)
    }

    @Test(arguments: [
        (#""normalizer": {"type": "NFC"}"#, #""normalizer": {"type": "Lowercase"}"#, "normalizer.type"),
        (#""truncation": null"#, #""truncation": {"max_length": 5}"#, "truncation"),
        (#""padding": null"#, #""padding": {"length": 5}"#, "padding"),
        (#""version": "1.0","#, #""version": "1.0", "surprise": 1,"#, "surprise"),
        (
            #""post_processor": null"#,
            #""post_processor": {"type": "TemplateProcessing", "special_tokens": {"<s>": {"id": 1}}}"#,
            "post_processor.special_tokens"
        ),
        (#""type": "BPE""#, #""type": "Unigram""#, "model.type"),
        (#""dropout": null"#, #""dropout": 0.1"#, "model.dropout"),
        (#""unk_token": null"#, #""unk_token": "<pad>""#, "model.unk_token"),
        (#""end_of_word_suffix": """#, #""end_of_word_suffix": "</w>""#, "model.end_of_word_suffix"),
        (#""byte_fallback": false"#, #""byte_fallback": true"#, "model.byte_fallback"),
        (#""ignore_merges": false"#, #""ignore_merges": true"#, "model.ignore_merges"),
        (#""fuse_unk": false"#, #""fuse_unk": false, "cache_capacity": 5"#, "model.cache_capacity"),
        (#""lstrip": false"#, #""lstrip": true"#, "added_tokens.0.lstrip"),
        (#""rstrip": false"#, #""rstrip": true"#, "added_tokens.0.rstrip"),
        (#""single_word": false"#, #""single_word": true"#, "added_tokens.0.single_word"),
        (#""add_prefix_space": false"#, #""add_prefix_space": true"#, "add_prefix_space"),
        (#""use_regex": false"#, #""use_regex": true"#, "pre_tokenizer.pretokenizers"),
        (#""behavior": "Isolated""#, #""behavior": "Removed""#, "behavior"),
        (#""invert": false"#, #""invert": true"#, "invert"),
        (#"(?!\\S)"#, #"(?!\\s)"#, "pattern"), (#""Ċ": 4"#, #""생": 4"#, "model.vocab.생"),
        (
            #""decoder": {"type": "ByteLevel", "add_prefix_space""#,
            #""decoder": {"type": "Metaspace", "add_prefix_space""#, "decoder.type"
        ),
    ])
    func `what is not implemented is refused by name`(old: String, new: String, place: String) throws {
        let bytes = try file(old, new)
        #expect { try Tokenizer(contentsOf: bytes) } throws: { error in
            guard case .unsupported(let where_, _, let remedy)? = error as? TokenizerError else {
                return false
            }
            return where_.contains(place) && !remedy.isEmpty
        }
    }

    @Test(arguments: [
        (#""Ċ": 4"#, #""Ċ": -4"#), (#""Ċ": 4"#, #""Ċ": 4.5"#), (#""Ċ": 4"#, #""Ċ": "4""#),
        (#""Ċ": 4"#, #""Ċ": 2000000000"#),
        (#""id": 1"#, #""id": 99999999999"#), (#""id": 1"#, #""id": -1"#),
        (#""content": "<pad>""#, #""content": """#),
        (#""merges": []"#, #""merges": ["a"]"#), (#""merges": []"#, #""merges": ["a b"]"#),
        (#""merges": []"#, #""merges": [["a"]]"#),
        (#""merges": []"#, #""merges": [1]"#), (#""model": {"#, #""model": 5, "version": {"#),
        (#""vocab""#, #""vocab": 1, "vocab""#),
        (#""Ċ": 4,"#, #""Ċ": 4,,"#),
    ])
    func `a malformed file is refused`(old: String, new: String) throws {
        let bytes = try file(old, new)
        #expect { try Tokenizer(contentsOf: bytes) } throws: { $0 is TokenizerError }
    }

    @Test func `a template that adds nothing is read, as transformers writes it on saving`() throws {
        let template =
            #""post_processor": {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}}"#
        #expect(try Tokenizer(contentsOf: file(#""post_processor": null"#, template)).vocabularySize == 100)
        #expect(throws: TokenizerError.self) {
            try Tokenizer(
                contentsOf: file(#""post_processor": null"#, #""post_processor": {"type": "BertProcessing"}"#)
            )
        }
    }

    @Test func `two tokens with one id are refused`() throws {
        #expect { try Tokenizer(contentsOf: try file(#""Ċ": 4"#, #""Ċ": 5"#)) } throws: { error in
            if case .ambiguous(_, 5, _)? = error as? TokenizerError { true } else { false }
        }
        #expect { try Tokenizer(contentsOf: try file(#""id": 1"#, #""id": 0"#)) } throws: { error in
            if case .ambiguous? = error as? TokenizerError { true } else { false }
        }
    }

    @Test func `every cut of a file is refused`() throws {
        let bytes = try CharacterVocabulary().tokenizerJSON
        for count in stride(from: 0, to: bytes.count - 3, by: 97) {
            #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: bytes.prefix(count)) }
        }
        #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: [UInt8](repeating: 0, count: 1000)) }
        #expect(throws: TokenizerError.self) {
            try Tokenizer(contentsOf: [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))
        }
    }

    @Test func `a file that is too large is not parsed`() {
        #expect {
            try Tokenizer(contentsOf: repeatElement(UInt8(0), count: TokenizerFile.sizeLimit + 1))
        } throws: { "\($0)".contains("at most") }
    }

    @Test func `an id that no token has is a hole and cannot be decoded`() throws {
        let tokenizer = try Tokenizer(contentsOf: try file(#""~": 99"#, #""~": 102"#))
        #expect(tokenizer.vocabularySize == 103)
        #expect(throws: TokenizerError.unknownID(id: 100, vocabularySize: 103)) {
            try tokenizer.decode([100])
        }
        #expect(try tokenizer.decode([102]) == "~")
    }

    @Test func `end and padding are the usual ones or those that are named`() throws {
        let named = try file("<end>", "<stop>")
        #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: named) }
        #expect(try Tokenizer(contentsOf: named, end: "<stop>", pad: "</think>").endToken == 1)
        #expect(try Tokenizer(contentsOf: named, end: "<stop>", pad: "</think>").padToken == 3)
        #expect(try Tokenizer(contentsOf: file("<pad>", "<fill>")).padToken == 1)
        #expect(throws: TokenizerError.noEndToken(tried: ["<nope>"])) {
            try Tokenizer(contentsOf: CharacterVocabulary().tokenizerJSON, end: "<nope>")
        }
    }

    @Test func `an added token that is found after normalising is found in either spelling`() throws {
        let text = String(decoding: try CharacterVocabulary(openTag: "<é>").tokenizerJSON, as: UTF8.self)
            .replacingOccurrences(
                of: #""normalized": false, "special": false"#, with: #""normalized": true, "special": false"#)
        let tokenizer = try Tokenizer(contentsOf: Array(text.utf8))
        #expect(try tokenizer.encode("a<e\u{301}>b</think>") == [70, 2, 71, 3])
    }
}
