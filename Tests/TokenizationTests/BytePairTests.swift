import Foundation
import Testing

@testable import Tokenization

struct BytePairTests {
    @Test func `every byte has a character of its own that prints`() {
        let characters = (UInt8.min...255).map(ByteAlphabet.character(of:))
        #expect(Set(characters).count == 256)
        #expect(ByteAlphabet.character(of: 10) == "Ċ")
        #expect(ByteAlphabet.character(of: 32) == "Ġ")
        #expect(ByteAlphabet.character(of: 127) == "ġ")
        #expect(ByteAlphabet.character(of: 173) == "\u{143}")
        #expect(ByteAlphabet.character(of: 0x41) == "A")
        for byte in UInt8.min...255 {
            #expect(ByteAlphabet.bytes(of: String(ByteAlphabet.character(of: byte))) == [byte])
        }
        #expect(ByteAlphabet.bytes(of: "생") == nil)
    }

    @Test(arguments: [SplitPattern.none, .gpt2, .qwen2])
    func `pieces join to the text`(pattern: SplitPattern) {
        for text in Merged.texts + Merged.randomTexts {
            let scalars = Array(text.unicodeScalars)
            let pieces = pattern.pieces(of: scalars)
            #expect(pieces.flatMap { Array(scalars[$0]) } == scalars)
            #expect(pieces.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func `the two expressions cut as written`() {
        func cut(_ text: String, _ pattern: SplitPattern) -> [String] {
            let scalars = Array(text.unicodeScalars)
            return pattern.pieces(of: scalars).map { String(String.UnicodeScalarView(scalars[$0])) }
        }
        #expect(cut("it's 123  ok\n\n x!", .gpt2) == ["it", "'s", " 123", " ", " ok", "\n\n", " x", "!"])
        #expect(
            cut("it'S 123  ok\n\n x!\n", .qwen2) == [
                "it", "'S", " ", "1", "2", "3", " ", " ok", "\n\n", " x", "!\n",
            ])
        #expect(cut("it'S", .gpt2) == ["it", "'", "S"])
        #expect(cut("a  ", .qwen2) == ["a", "  "])
        #expect(cut("\n  \n  a", .qwen2) == ["\n  \n", " ", " a"])
    }

    @Test func `merges give what the slow way gives`() throws {
        var ranks: [[Int32]: Int32] = [:]
        var merges = BytePairMerges()
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for rank in Int32(0)..<60 {
            let pair = [Int32(next(4 + Int(rank))), Int32(next(4 + Int(rank)))]
            guard merges.insert(left: pair[0], right: pair[1], result: 4 + rank, rank: rank) else { continue }
            ranks[pair] = rank
        }
        for _ in 0..<500 {
            let tokens = (0..<next(40)).map { _ in Int32(next(4)) }
            #expect(merges.merged(tokens) == slowly(tokens, ranks))
        }
    }

    private func slowly(_ tokens: [Int32], _ ranks: [[Int32]: Int32]) -> [Int32] {
        var tokens = tokens
        while true {
            let candidates = tokens.indices.dropLast().compactMap { index in
                ranks[[tokens[index], tokens[index + 1]]].map { (rank: $0, index: index) }
            }
            guard let best = candidates.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else {
                return tokens
            }
            tokens[best.index] = 4 + best.rank
            tokens.remove(at: best.index + 1)
        }
    }

    @Test(arguments: [SplitPattern.none, .gpt2, .qwen2])
    func `text survives encoding and decoding`(pattern: SplitPattern) throws {
        let tokenizer = try Tokenizer(contentsOf: Merged.json(pattern: pattern))
        for text in Merged.texts + Merged.randomTexts {
            let ids = try tokenizer.encode(text)
            let expected = pattern == .qwen2 ? text.precomposedStringWithCanonicalMapping : text
            #expect(Array(try tokenizer.decode(ids).utf8) == Array(expected.utf8))
            #expect(ids.count <= text.utf8.count)
        }
        #expect(try tokenizer.encode("the theme").count < 9)
    }

    @Test func `both spellings of merges are the same tokenizer`() throws {
        let lists = try Tokenizer(contentsOf: Merged.json())
        let texts = try Tokenizer(contentsOf: Merged.json(pairsAsText: true))
        for text in Merged.texts { #expect(try lists.encode(text) == texts.encode(text)) }
    }

    @Test func `ids that are half a character decode to a replacement character`() throws {
        let tokenizer = try Tokenizer(contentsOf: Merged.json())
        let half = try #require(tokenizer.id(of: String(ByteAlphabet.character(of: 0xF0))))
        #expect(try tokenizer.decode([half]) == "\u{FFFD}")
        #expect(try tokenizer.decode([]) == "")
    }

    @Test func `time grows with the length of a text, not with its square`() throws {
        let tokenizer = try Tokenizer(contentsOf: Merged.json(pattern: .none))
        let clock = ContinuousClock()
        let long = String(repeating: "thethesesthe", count: 20_000)
        let time = try clock.measure { _ = try tokenizer.encode(long) }
        #expect(time < .seconds(20))
    }
}
