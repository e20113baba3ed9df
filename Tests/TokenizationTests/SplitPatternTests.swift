import Testing

@testable import Tokenization

struct SplitPatternTests {
    private func cut(_ text: String, _ pattern: SplitPattern) -> [String] {
        let utf8 = Array(text.utf8)
        return pattern.pieces(of: utf8).map { String(decoding: utf8[$0], as: UTF8.self) }
    }

    @Test(arguments: SplitPattern.allCases)
    func `pieces join to the text`(pattern: SplitPattern) {
        for text in Merged.texts + Merged.randomTexts {
            let utf8 = Array(text.utf8)
            let pieces = pattern.pieces(of: utf8)
            #expect(pieces.flatMap { Array(utf8[$0]) } == utf8)
            #expect(pieces.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func `the expressions cut as written`() {
        #expect(cut("it's 123  ok\n\n x!", .gpt2) == ["it", "'s", " 123", " ", " ok", "\n\n", " x", "!"])
        #expect(
            cut("it'S 123  ok\n\n x!\n", .qwen2) == [
                "it", "'S", " ", "1", "2", "3", " ", " ok", "\n\n", " x", "!\n",
            ])
        #expect(cut("it'S", .gpt2) == ["it", "'", "S"])
        #expect(cut("a  ", .qwen2) == ["a", "  "])
        #expect(cut("\n  \n  a", .qwen2) == ["\n  \n", " ", " a"])
        #expect(cut("\ta\t\tb (c", .llama3) == ["\ta", "\t", "\tb", " (", "c"])
        #expect(cut("\ta\t\tb (c", .gpt2) == ["\t", "a", "\t", "\t", "b", " (", "c"])
    }

    @Test func `digits go one by one or by threes`() {
        #expect(cut("12345 678½9", .qwen2) == ["1", "2", "3", "4", "5", " ", "6", "7", "8", "½", "9"])
        #expect(cut("12345 678½9", .llama3) == ["123", "45", " ", "678", "½9"])
        #expect(cut("12345 678½9", .gpt2) == ["12345", " 678½9"])
    }

    @Test func `a contraction may end in a long s where case is ignored`() {
        #expect(cut("it'\u{17F}x", .qwen2) == ["it", "'\u{17F}", "x"])
        #expect(cut("it'\u{17F}x", .gpt2) == ["it", "'", "\u{17F}x"])
        #expect(cut("'RE'Ve'Ll'M'D'T", .llama3) == ["'RE", "'Ve", "'Ll", "'M", "'D", "'T"])
        // The Kelvin sign folds to a k, which ends no contraction; an apostrophe at the end ends nothing.
        #expect(cut("'\u{212A} '", .qwen2) == ["'\u{212A}", " '"])
        #expect(cut("'r", .qwen2) == ["'r"])
        #expect(cut("'l\u{17F}", .qwen2) == ["'l\u{17F}"])
    }

    @Test func `the last blank is left to the word, in every script`() {
        #expect(cut("a\u{3000}\u{3000}b", .gpt2) == ["a", "\u{3000}", "\u{3000}", "b"])
        #expect(cut("a\u{3000}\u{3000}b", .qwen2) == ["a", "\u{3000}", "\u{3000}b"])
        #expect(cut("a\u{85}\u{2028} \u{A0}", .qwen2) == ["a", "\u{85}\u{2028} \u{A0}"])
        #expect(cut("생각 하다😀!", .qwen2) == ["생각", " 하다", "😀!"])
        #expect(cut("e\u{301}a", .qwen2) == ["e", "\u{301}a"])
    }

    @Test func `an expression finds its scanner, and only the very same one`() {
        for pattern in SplitPattern.allCases {
            #expect(SplitPattern(expression: pattern.expression) == pattern)
        }
        #expect(SplitPattern(expression: SplitPattern.qwen2.expression + " ") == nil)
    }

    @Test func `letters, numbers and blanks are those of Unicode 16`() {
        let classes = CharacterClasses.shared
        var counts: [UInt8: Int] = [:]
        for value in 0..<UInt32(0x110000) { counts[classes(value).rawValue, default: 0] += 1 }
        // Counted with Oniguruma's \p{L}, \p{N} and \s.
        #expect(counts[CharacterClass.letter.rawValue] == 141_028)
        #expect(counts[CharacterClass.number.rawValue] == 1911)
        #expect(counts[CharacterClass.space.rawValue] == 23)
        #expect(counts[CharacterClass.lineEnd.rawValue] == 2)
        // A number of Unicode 17: one for `Digits`, none for the expressions.
        #expect(classes(0x11DE0) == .other && classes.isNumeric(0x11DE0))
        #expect(classes(0x10FFFF) == .other && !classes.isNumeric(0x10FFFF))
    }
}
