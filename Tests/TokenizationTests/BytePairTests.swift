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

    @Test func `merges give what the slow way gives`() throws {
        var ranks: [[Int32]: Int32] = [:]
        var merges = BytePairMerges(capacity: 60)
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for rank in Int32(0)..<60 {
            let pair = [Int32(next(4 + Int(rank))), Int32(next(4 + Int(rank)))]
            merges.insert(left: pair[0], right: pair[1], result: 4 + rank, rank: rank)
            ranks[pair] = rank
        }
        var piece = BytePairMerges.Workspace()
        for _ in 0..<500 {
            // Short pieces and long ones are merged in different ways.
            let tokens = (0..<next(100)).map { _ in Int32(next(4)) }
            piece.tokens = tokens
            merges.merge(&piece)
            #expect(piece.tokens == slowly(tokens, ranks))
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

    @Test(arguments: [SplitPattern?.none, .gpt2, .qwen2, .llama3])
    func `text survives encoding and decoding`(pattern: SplitPattern?) throws {
        let tokenizer = try Tokenizer(contentsOf: Merged.json(pattern: pattern))
        for text in Merged.texts + Merged.randomTexts {
            let ids = try tokenizer.encode(text)
            let expected =
                pattern == .qwen2 ? text.precomposedStringWithCanonicalMapping : text
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
        #expect(try tokenizer.decode([0xF0]) == "\u{FFFD}")
        #expect(try tokenizer.decode([0xF0, 0x9F, 0x98, 0x41]) == "\u{FFFD}A")
        #expect(try tokenizer.decode([]) == "")
    }

    @Test func `work grows with the length of a word, not with its square`() {
        var merges = BytePairMerges(capacity: 20)
        // A token of n letters a and one of n make one of 2 n.
        for rank in Int32(0)..<20 {
            merges.insert(left: rank, right: rank, result: rank + 1, rank: rank)
        }
        var piece = BytePairMerges.Workspace()
        piece.tokens = [Int32](repeating: 0, count: 1 << 17)
        merges.merge(&piece)
        #expect(piece.tokens == [17])
        #expect(piece.lookups < 8 << 17)
    }

    @Test func `of a pair that is merged twice the last rank counts`() {
        var merges = BytePairMerges(capacity: 3)
        #expect(merges.isEmpty)
        merges.insert(left: 1, right: 2, result: 3, rank: 0)
        merges.insert(left: 2, right: 2, result: 4, rank: 1)
        merges.insert(left: 1, right: 2, result: 3, rank: 2)
        #expect(!merges.isEmpty)
        var piece = BytePairMerges.Workspace()
        piece.tokens = [1, 2, 2]
        merges.merge(&piece)
        #expect(piece.tokens == [1, 4])
    }
}
