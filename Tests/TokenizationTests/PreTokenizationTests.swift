import Testing

@testable import Tokenization

struct PreTokenizationTests {
    private func cut(_ text: String, _ steps: PreTokenization.Step...) -> [String] {
        let utf8 = Array(text.utf8)
        var pieces: [String] = []
        PreTokenization(steps: steps).forEachPiece(of: utf8, in: utf8.indices) { text, range in
            pieces.append(String(decoding: text[range], as: UTF8.self))
        }
        return pieces
    }

    @Test func `digits are cut off one by one or as runs`() {
        #expect(cut("a12 ½x9", .digits(individual: true)) == ["a", "1", "2", " ", "½", "x", "9"])
        #expect(cut("a12 ½x9", .digits(individual: false)) == ["a", "12", " ", "½", "x", "9"])
        #expect(cut("٣٤", .digits(individual: true)) == ["٣", "٤"])
    }

    @Test func `each step cuts the pieces of the one before`() {
        #expect(
            cut("it's 12 x", .digits(individual: true), .split(.gpt2)) == ["it", "'s", " ", "1", "2", " x"])
        // As one text the blanks before the 1 would be split otherwise.
        #expect(cut("a  12", .split(.gpt2)) == ["a", " ", " 12"])
        #expect(cut("a  12", .digits(individual: false), .split(.gpt2)) == ["a", "  ", "12"])
    }

    @Test func `a blank is put before every piece that the step meets`() {
        #expect(cut("a b", .prefixSpace, .split(.gpt2)) == [" a", " b"])
        #expect(cut(" a", .prefixSpace, .split(.gpt2)) == [" a"])
        #expect(cut("a1b", .digits(individual: true), .prefixSpace) == [" a", " 1", " b"])
        #expect(cut("\ta", .prefixSpace, .split(.gpt2)) == [" ", "\t", "a"])
    }

    @Test func `components of a file are taken in their order`() throws {
        var file = ByteFile()
        file.merges = [("1", "2"), ("Ġ", "a"), ("Ġ", "1")]
        file.preTokenizer = ByteFile.sequence(
            "pretokenizers", #"{"type": "Digits", "individual_digits": true}"#,
            ByteFile.byteLevel(expression: true))
        #expect(try file.tokenizer().encode("12 a 1") == [49, 50, 257, 32, 49])
        file.preTokenizer = ByteFile.byteLevel()
        #expect(try file.tokenizer().encode("12 a 1") == [256, 257, 258])
        file.preTokenizer = ByteFile.byteLevel(prefix: true)
        #expect(try file.tokenizer().encode("a") == [257])
        #expect(try file.tokenizer().encode("a<end>a") == [257, file.firstAdded, 257])
        #expect(try file.tokenizer().encode("") == [])
    }

    @Test func `keeping what matches is isolating it, for expressions that match everything`() throws {
        var file = ByteFile()
        file.merges = [("1", "2")]
        let split = try ByteFile.split(.qwen2)
        file.preTokenizer = ByteFile.sequence("pretokenizers", split, ByteFile.byteLevel())
        let isolated = try file.tokenizer().encode("12 a")
        let removed = split.replacing(#""Isolated", "invert": false"#, with: #""Removed", "invert": true"#)
        file.preTokenizer = ByteFile.sequence("pretokenizers", removed, ByteFile.byteLevel())
        #expect(try file.tokenizer().encode("12 a") == isolated)
        #expect(isolated == [49, 50, 32, 97])
    }

    @Test func `ByteLevel must come last, and be there`() throws {
        var file = ByteFile()
        for parts in [
            ByteFile.sequence("pretokenizers", ByteFile.byteLevel(), try ByteFile.split(.qwen2)),
            ByteFile.sequence("pretokenizers", ByteFile.byteLevel(), ByteFile.byteLevel()),
            try ByteFile.split(.qwen2), ByteFile.sequence("pretokenizers"), "null",
        ] {
            file.preTokenizer = parts
            #expect { try file.tokenizer() } throws: { "\($0)".contains("ByteLevel") }
        }
    }
}
