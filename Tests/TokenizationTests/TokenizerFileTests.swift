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
        (#""version": "1.0","#, #""version": "1.0", "surprise": 1,"#, "surprise"),
        (
            #""post_processor": null"#,
            #""post_processor": {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}}"#,
            "post_processor.single"
        ),
        (#""type": "BPE""#, #""type": "Unigram""#, "model.type"),
        (#""dropout": null"#, #""dropout": 0.1"#, "model.dropout"),
        (#""end_of_word_suffix": """#, #""end_of_word_suffix": "</w>""#, "model.end_of_word_suffix"),
        (#""byte_fallback": false"#, #""byte_fallback": true"#, "model.byte_fallback"),
        (#""fuse_unk": false"#, #""fuse_unk": false, "cache_capacity": 5"#, "model.cache_capacity"),
        (#""behavior": "Isolated""#, #""behavior": "Removed""#, "pretokenizers[0].behavior"),
        (#""invert": false"#, #""invert": true"#, "pretokenizers[0].behavior"),
        (#""version": "1.0""#, #""version": "2.0""#, "version"),
        (
            #""type": "NFC"}"#, #""type": "Sequence", "normalizers": [{"type": "NFKC"}]}"#,
            "normalizers[0].type"
        ),
        (
            #""type": "NFC"}"#, #""type": "Replace", "pattern": {"String": " "}, "content": "_"}"#,
            "normalizer.type"
        ),
        (#""type": "Split", "#, #""type": "Metaspace", "#, "pretokenizers[0].type"),
        (#""post_processor": null"#, #""post_processor": {"type": "BertProcessing"}"#, "post_processor.type"),
        (#"{"Regex": "#, #"{"String": "#, "pretokenizers[0].pattern"),
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
        (#""merges": []"#, #""merges": [1]"#), (#""merges": []"#, #""merges": ["a b", ["a", "b"]]"#),
        (#""merges": []"#, #""merges": {"a": "b"}"#), (#""merges": []"#, #""merges": ["a b c"]"#),
        (#""merges": []"#, #""dropout": null"#), (#""special": true"#, #""special": 1"#),
        (#", "special": true"#, ""), (#""unk_token": null"#, #""unk_token": "<unk>""#),
        (#""model": {"#, #""model": 5, "version": {"#),
        (#""vocab""#, #""vocab": 1, "vocab""#),
        (#""Ċ": 4,"#, #""Ċ": 4,,"#),
    ])
    func `a malformed file is refused`(old: String, new: String) throws {
        let bytes = try file(old, new)
        #expect { try Tokenizer(contentsOf: bytes) } throws: { $0 is TokenizerError }
    }

    @Test func `an expression that is not known is shown`() throws {
        let bytes = try file(#"\\p{N}| ?"#, #"[0-9]| ?"#)
        #expect { try Tokenizer(contentsOf: bytes) } throws: { error in
            "\(error)".contains(#"[0-9]| ?[^\s\p{L}\p{N}]+"#) && "\(error)".contains("Llama 3")
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

    @Test func `a token that is listed twice is refused`() throws {
        for again in [#""Ċ": 4, "Ċ": 4"#, #""Ċ": 4, "Ċ": 100"#, #""Ċ": 4, "\u010A": 100"#] {
            let bytes = try file(#""Ċ": 4"#, again)
            #expect { try Tokenizer(contentsOf: bytes) } throws: {
                "\($0)".contains("model.vocab.Ċ: occurs twice")
            }
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

    @Test func `an id that no token has is a hole and has no text, as an id of the padding has none`() throws
    {
        let tokenizer = try Tokenizer(contentsOf: try file(#""~": 99"#, #""~": 102"#))
        #expect(tokenizer.vocabularySize == 103)
        #expect(try tokenizer.decode([102, 100, 102]) == "~~")
        #expect(try tokenizer.text(of: [102, 100, 500, 102]) == "~~")
        var decoder = tokenizer.incrementalDecoder()
        #expect(try decoder.append(100) == "")
        #expect(throws: TokenizerError.unknownID(id: 500, vocabularySize: 103)) {
            try tokenizer.decode([500])
        }
        #expect(throws: TokenizerError.self) { try tokenizer.text(of: [-1]) }
    }

    @Test func `settings and repetitions that change no id change none here`() throws {
        let plain = try Tokenizer(contentsOf: Merged.json())
        let text = String(decoding: try Merged.json(), as: UTF8.self)
        var object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        object["truncation"] = [
            "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0,
        ]
        object["padding"] = ["strategy": ["Fixed": 32], "direction": "Left", "pad_id": 0, "pad_token": "x"]
        let added = try #require(object["added_tokens"] as? [Any])
        object["added_tokens"] = [added[0]] + added + [added[2]]
        var model = try #require(object["model"] as? [String: Any])
        model["type"] = nil
        object["model"] = model
        let same = try Tokenizer(contentsOf: JSONSerialization.data(withJSONObject: object))
        for text in Merged.texts { #expect(try same.encode(text) == plain.encode(text)) }
    }

    @Test func `of an added token that is listed twice the last entry counts`() throws {
        let first = #"{"id": 0, "content": "<pad>""#
        let single =
            first
            + #", "single_word": true, "lstrip": false, "rstrip": false, "normalized": false, "special": true}"#
        let plain = try Tokenizer(contentsOf: try file(first, single + ", " + first))
        #expect(try plain.encode("x<pad>y")[1] == 0)
        let tags =
            #""id": 3, "content": "</think>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false}"#
        let word = try Tokenizer(contentsOf: try file(tags, tags + ", " + single))
        #expect(try !word.encode("x<pad>y").contains(0))
        #expect(try word.encode("<pad>") == [0])
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

    @Test func `an end is asked for only where one is required`() throws {
        let bytes = try file("<end>", "<stop>")
        let tokenizer = try Tokenizer(contentsOf: bytes, requiresEnd: false)
        #expect(tokenizer.endToken == -1)
        #expect(try tokenizer.encode("1<stop>").count == 2)
    }

    @Test func `an added token that readers of the file would number otherwise is refused`() throws {
        let one = #"    {"id": 0, "content": "<pad>","#
        let more =
            #"    {"id": ID, "content": "<new>", "single_word": false, "lstrip": false, "rstrip": false, "#
            + #""normalized": false, "special": false},"# + "\n" + one
        let next = try file(one, more.replacing("ID", with: "100"))
        #expect(try Tokenizer(contentsOf: next).encode("<new>") == [100])
        let later = try file(one, more.replacing("ID", with: "105"))
        #expect { try Tokenizer(contentsOf: later) } throws: { "\($0)".contains("`tokenizers` gives it 100") }
    }

    @Test func `a message stays short, whatever the file holds`() throws {
        let bytes = try file(#""type": "BPE""#, #""type": "\#(String(repeating: "x", count: 100_000))""#)
        #expect { try Tokenizer(contentsOf: bytes) } throws: { "\($0)".count < 1000 }
    }

    @Test func `sequences in sequences are read up to a depth`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"type": "Sequence", "normalizers": ["#, count: depth)
                + #"{"type": "NFC"}"# + String(repeating: "]}", count: depth)
        }
        let inner = #""normalizer": {"type": "NFC"}"#
        let shallow = try file(inner, #""normalizer": "# + nested(20))
        #expect(try Tokenizer(contentsOf: shallow).encode("e").count == 1)
        let deep = try file(inner, #""normalizer": "# + nested(20_000))
        #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: deep) }
    }
}
