import Testing

@testable import Tokenization

struct ModelOptionTests {
    @Test func `a word that is a token is not built by merges where the file says so`() throws {
        var file = ByteFile()
        file.merges = [("b", "c")]
        file.words = ["abc"]
        #expect(try file.tokenizer().encode("abc") == [97, 256])
        file.options = #""ignore_merges": true"#
        #expect(try file.tokenizer().encode("abc") == [257])
        #expect(try file.tokenizer().encode("abcd") == [97, 256, 100])
        file.preTokenizer = ByteFile.byteLevel(expression: true)
        #expect(try file.tokenizer().encode("abc abc") == [257, 32, 97, 256])
    }

    @Test func `bytes without a token are an error, or are left out and told`() throws {
        var file = ByteFile()
        file.merges = [("a", "b")]
        file.missing = [4, 0xF1]
        let tokenizer = try file.tokenizer()
        #expect(throws: TokenizerError.unknownCharacter(character: "\u{4}", place: 7)) {
            try tokenizer.encode("é<end>x\u{4}\u{40000}")
        }
        let (ids, leftOut) = tokenizer.encodeLeavingOut("a\u{4}b\u{40000}")
        // The pair is merged across the gap, as by `tokenizers`; of U+40000 the three bytes that have tokens stay.
        let rest = try tokenizer.encode("ab")
        #expect(Array(ids.prefix(1)) == rest && ids.count == 4)
        #expect(leftOut == .unknownCharacter(character: "\u{4}", place: 1))
        #expect(tokenizer.encodeLeavingOut("ab").leftOut == nil)
        #expect(!tokenizer.isCharacterVocabulary)
    }

    @Test func `an unknown token stands for them where the file names one, once for a run if it says so`()
        throws
    {
        var file = ByteFile()
        file.missing = [1, 2]
        file.merges = [("a", "b")]
        file.words = ["?u"]
        file.options = #""unk_token": "?u""#
        let plain = try file.tokenizer().encode("a\u{1}\u{2}b\u{1}")
        let unknown = Int32(256 - 2 + 1)
        #expect(plain == [95, unknown, unknown, 96, unknown])
        file.options += #", "fuse_unk": true"#
        #expect(try file.tokenizer().encode("a\u{1}\u{2}b\u{1}") == [95, unknown, 96, unknown])
        file.options = #""unk_token": "<gone>""#
        #expect(throws: TokenizerError.self) { try file.tokenizer() }
        // Where every byte has a token, it is never needed.
        file.missing = []
        #expect(try file.tokenizer().encode("a") == [97])
    }

    @Test func `a blank that is put before a text must have a token`() throws {
        var file = ByteFile()
        file.missing = [32]
        file.preTokenizer = ByteFile.byteLevel(prefix: true)
        #expect { try file.tokenizer() } throws: { "\($0)".contains("add_prefix_space") }
    }

    @Test func `dropout of nought is none`() throws {
        var file = ByteFile()
        file.options = #""dropout": 0.0"#
        #expect(try file.tokenizer().encode("a") == [97])
        file.options = #""dropout": 0.1"#
        #expect(throws: TokenizerError.self) { try file.tokenizer() }
    }

    @Test func `special tokens go around a text on request only`() throws {
        var file = ByteFile()
        file.added = [ByteFile.Added("<s>", special: true), ByteFile.Added("</s>", special: true)]
        let template =
            #"{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, "#
            + #"{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}], "#
            + #""pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [256], "tokens": ["<s>"]}, "#
            + #""</s>": {"id": "</s>", "ids": [257, 10], "tokens": ["</s>", "x"]}}}"#
        file.postProcessor = template
        #expect(try file.tokenizer().encode("a") == [97])
        #expect(try file.tokenizer().encode("a", addingSpecialTokens: true) == [256, 97, 257, 10])
        #expect(try file.tokenizer().encode("", addingSpecialTokens: true) == [256, 257, 10])
        file.postProcessor = ByteFile.sequence("processors", ByteFile.byteLevel(), template, template)
        #expect(
            try file.tokenizer().encode("a", addingSpecialTokens: true) == [256, 256, 97, 257, 10, 257, 10])
        for (old, new) in [
            (#""A""#, #""B""#), ("[256]", "[999]"), ("[256]", "[-1]"),
            (#""special_tokens": {"<s>""#, #""special_tokens": {"<x>""#),
            (
                #"{"Sequence": {"id": "A", "type_id": 0}}"#,
                #"{"Sequence": {"id": "A"}}, {"Sequence": {"id": "A"}}"#
            ),
            (#"{"Sequence""#, #"{"Other""#),
        ] {
            file.postProcessor = template.replacing(old, with: new)
            #expect(throws: TokenizerError.self) { try file.tokenizer() }
        }
    }

    @Test func `special tokens are left out of a text on request`() throws {
        var file = ByteFile()
        file.added = [ByteFile.Added("<s>", special: true), ByteFile.Added("<t>")]
        let tokenizer = try file.tokenizer()
        #expect(try tokenizer.decode([256, 97, 257]) == "<s>a<t>")
        #expect(try tokenizer.decode([256, 97, 257], skippingSpecialTokens: true) == "a<t>")
    }

    @Test func `the decoder may be a sequence that fuses`() throws {
        var file = ByteFile()
        file.decoder = ByteFile.sequence("decoders", ByteFile.byteLevel(), #"{"type": "Fuse"}"#)
        #expect(try file.tokenizer().decode([97, 32]) == "a ")
        for parts in [
            ByteFile.sequence("decoders", #"{"type": "Fuse"}"#, ByteFile.byteLevel()),
            ByteFile.sequence("decoders"),
            ByteFile.sequence("decoders", #"{"type": "Strip"}"#), "null",
        ] {
            file.decoder = parts
            #expect(throws: TokenizerError.self) { try file.tokenizer() }
        }
    }
}
