import Testing

@testable import StrictConfiguration

struct CodecTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func `a value is read back from its spelling`() {
        func survives<Value>(_ value: Value, _ codec: Codec<Value>) -> Bool {
            codec.read(codec.write(value)) == value
        }
        #expect(survives(-3, .integer(-5...5)))
        #expect(survives(UInt64.max, .integer(0...UInt64.max)))
        #expect(survives(1e-7, .number(0...1)))
        #expect(survives(true, .flag))
        #expect(survives("a \"b\"\n", .text))
        #expect(survives("null", .optionalText))
        #expect(survives(nil, .optionalText))
        #expect(survives(Colour.green, .choice))
        #expect(survives(2...4, .range(within: 0...9)))
        #expect(survives([0.5, 1], .numbers(2, 0...1)))
        #expect(survives(["", "a"], .texts(atMost: 2)) == false)
        #expect(survives(["b", "a"], .texts(atMost: 2)))
    }

    @Test func `values outside the limits, of another shape or not a number are not read`() {
        #expect(Codec<Int>.integer(1...64).read(.plain("65")) == nil)
        #expect(Codec<Int>.integer(1...64).read(.quoted("5")) == nil)
        #expect(Codec<Double>.number(0...1).read(.plain("nan")) == nil)
        #expect(Codec<Bool>.flag.read(.plain("yes")) == nil)
        #expect(Codec<String>.text.read(.plain("~")) == nil)
        #expect(Codec<String>.text.read(.quoted("")) == nil)
        #expect(Codec<String>.choice(of: ["a", "b"]).read(.plain("c")) == nil)
        #expect(Codec<ClosedRange<Int>>.range(within: 0...9).read(.list([.plain("4"), .plain("2")])) == nil)
        #expect(Codec<ClosedRange<Int>>.range(within: 0...9).read(.list([.plain("4")])) == nil)
        #expect(Codec<[Double]>.numbers(2, 0...1).read(.list([.plain("1")])) == nil)
        #expect(Codec<[String]>.texts(atMost: 1).read(.list([.plain("a"), .plain("b")])) == nil)
    }

    @Test func `what is allowed is said in words`() {
        #expect(Codec<Int>.integer(1...64).allowed == "an integer from 1 to 64")
        #expect(Codec<Colour>.choice.allowed == "one of red, green")
        #expect(Codec<[Double]>.numbers(2, 0...1).allowed == "2 numbers from 0.0 to 1.0, as [a, b]")
    }
}
