import Testing

@testable import Tokenization

struct AddedTokenTests {
    private func split(_ text: String, _ entries: AddedTokens.Entry...) -> [String] {
        let utf8 = Array(text.utf8)
        return AddedTokens(entries).split(utf8, in: utf8.indices).map { part in
            switch part {
            case .plain(let range): String(decoding: utf8[range], as: UTF8.self)
            case .token(let id, let range): "\(id):" + String(decoding: utf8[range], as: UTF8.self)
            }
        }
    }

    private func entry(_ content: String, _ id: Int32) -> AddedTokens.Entry {
        AddedTokens.Entry(bytes: Array(content.utf8), id: id)
    }

    @Test func `the longest token at the leftmost place wins`() {
        #expect(split("a<<<b", entry("<", 1), entry("<<", 2)) == ["a", "2:<<", "1:<", "b"])
        #expect(split("abcd", entry("bc", 1), entry("abx", 2), entry("cd", 3)) == ["a", "1:bc", "d"])
        #expect(split("ab", entry("abc", 1)) == ["ab"])
        #expect(split("", entry("a", 1)) == [])
        #expect(split("생각생", entry("생각", 1)) == ["1:생각", "생"])
    }

    @Test func `white space is taken on the sides that say so`() {
        var both = entry("<m>", 1)
        both.stripsLeft = true
        both.stripsRight = true
        #expect(split("a \u{3000}<m>\n b", both) == ["a", "1: \u{3000}<m>\n ", "b"])
        // The blanks between two tokens belong to the first.
        #expect(split("<m>  <m>", both) == ["1:<m>  ", "1:<m>"])
        var left = entry("<l>", 2)
        left.stripsLeft = true
        #expect(split(" <l> <l>", left) == ["2: <l>", "2: <l>"])
        var right = entry("<r>", 3)
        right.stripsRight = true
        // What begins in white space that is taken already is found all the same.
        #expect(split("<r>  x", right, entry(" ", 4)) == ["3:<r>  ", "4: ", "4: ", "x"])
    }

    @Test func `a single word is touched by no letter, digit, mark or underscore`() {
        var word = entry("and", 1)
        word.isSingleWord = true
        #expect(split("and", word) == ["1:and"])
        #expect(split("(and) sand and", word) == ["(", "1:and", ") sand ", "1:and"])
        for text in ["andy", "and_", "and1", "and\u{301}", "éand", "생and", "and\u{200D}"] {
            #expect(split(text, word) == [text])
        }
        for text in ["and!", "and½", "and\u{200B}", "and😀", "and-"] { #expect(split(text, word).count == 2) }
        // What it covers is not looked at again.
        #expect(split("andy", word, entry("nd", 2)) == ["andy"])
    }

    @Test func `tokens are found before normalising or after it, as each says`() throws {
        var file = ByteFile()
        file.normalizer = #"{"type": "NFC"}"#
        file.added = [ByteFile.Added("<e\u{301}>", normalized: true), ByteFile.Added("<o\u{301}>")]
        let tokenizer = try file.tokenizer()
        #expect(try tokenizer.encode("<é><e\u{301}>") == [256, 256])
        #expect(try tokenizer.encode("<o\u{301}>") == [257])
        #expect(try tokenizer.encode("<ó>").count == 4)
        // A token that is found before cuts the text for those found after.
        file.added = [ByteFile.Added("abcd", normalized: true), ByteFile.Added("bc")]
        #expect(try file.tokenizer().encode("abcd") == [97, 257, 100])
    }

    @Test func `letters of the byte-level alphabet in a token are decoded as bytes, as tokenizers does`()
        throws
    {
        var file = ByteFile()
        file.added = [
            ByteFile.Added("<é>"), ByteFile.Added("<생>"), ByteFile.Added("Ġq"), ByteFile.Added("a b"),
        ]
        let tokenizer = try file.tokenizer()
        #expect(try tokenizer.decode([256]) == "<\u{FFFD}>")
        #expect(try tokenizer.decode([257]) == "<생>")
        #expect(try tokenizer.decode([259]) == "a b")
        #expect(try tokenizer.encode("Ġq q") == [258, 32, 113])
        #expect(try tokenizer.decode([258]) == " q")
    }

    @Test func `two tokens that are looked for as the same are refused`() throws {
        var file = ByteFile()
        file.normalizer = #"{"type": "NFC"}"#
        file.added = [ByteFile.Added("e\u{301}", normalized: true), ByteFile.Added("é", normalized: true)]
        #expect(throws: TokenizerError.self) { try file.tokenizer() }
        file.added = [ByteFile.Added("<x>"), ByteFile.Added("<x>")]
        #expect(throws: TokenizerError.self) { try file.tokenizer() }
    }

    @Test func `an id is found by what it says`() throws {
        var file = ByteFile()
        file.merges = [("Ġ", "a"), ("Ã", "©")]
        let tokenizer = try file.tokenizer()
        #expect(tokenizer.id(of: " a") == 256)
        #expect(tokenizer.id(of: "é") == 257)
        #expect(tokenizer.id(of: "Ġ") == nil)
        #expect(tokenizer.id(of: "<end>") == 258)
    }
}
