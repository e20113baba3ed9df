import Testing

@testable import Tokenization

struct IncrementalDecoderTests {
    private let tokenizer: Tokenizer

    init() throws { tokenizer = try ByteFile().tokenizer() }

    private func pieces(_ bytes: [UInt8]) throws -> (texts: [String], rest: String) {
        var decoder = tokenizer.incrementalDecoder()
        let texts = try bytes.map { try decoder.append(Int32($0)) }
        return (texts, decoder.finish())
    }

    @Test func `a character comes when it is whole`() throws {
        let (texts, rest) = try pieces(Array("a생😀é".utf8))
        #expect(texts == ["a", "", "", "생", "", "", "", "😀", "", "é"])
        #expect(rest == "")
    }

    @Test func `an unfinished character becomes a replacement at the end only`() throws {
        let (texts, rest) = try pieces([0x61, 0xF0, 0x9F, 0x98])
        #expect(texts == ["a", "", "", ""])
        #expect(rest == "\u{FFFD}")
    }

    @Test func `what can never be whole is replaced at once`() throws {
        #expect(try pieces([0xFF, 0x61]).texts == ["\u{FFFD}", "a"])
        #expect(try pieces([0xE0, 0x80]).texts == ["", "\u{FFFD}\u{FFFD}"])
        #expect(try pieces([0xE2, 0x82, 0x61]).texts == ["", "", "\u{FFFD}a"])
        #expect(try pieces([0xC3, 0xC3, 0xA9]).texts == ["", "\u{FFFD}", "é"])
    }

    @Test func `joined it is what is decoded at once`() throws {
        var state: UInt64 = 3
        for _ in 0..<2000 {
            let bytes = (0..<12).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let edges: [UInt8] = [
                    0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE2, 0xED, 0xF0, 0xF3, 0xF4, 0xF5,
                ]
                return edges[Int(state >> 33) % edges.count]
            }
            let (texts, rest) = try pieces(bytes)
            let whole = try tokenizer.decode(bytes.map(Int32.init))
            #expect(Array((texts.joined() + rest).unicodeScalars) == Array(whole.unicodeScalars))
        }
    }

    @Test func `special tokens are skipped on request, and a stranger changes nothing`() throws {
        var decoder = tokenizer.incrementalDecoder(skippingSpecialTokens: true)
        let begun = try decoder.append(0xC3) + decoder.append(256)
        #expect(begun == "")
        #expect(throws: TokenizerError.self) { try decoder.append(999) }
        let whole = try decoder.append(0xA9)
        let rest = decoder.finish()
        #expect(whole == "é" && rest == "")
    }
}
