import Primitives
import Testing

/// Hexadecimal digits, hashes, durations and near names.
struct ValueTests {
    @Test func `bytes and numbers are written in lower-case hexadecimal and read back`() {
        #expect(Hexadecimal.text(of: [0, 10, 255]) == "000aff")
        #expect(Hexadecimal.text(of: 0xAB as UInt64) == "00000000000000ab")
        #expect(Hexadecimal.bytes(of: "000aff") == [0, 10, 255])
    }

    @Test func `the hash of abc is the one of FIPS 180-4, in one piece or in several`() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(ContentHash.text(of: Array("abc".utf8)) == abc)
        var hash = ContentHash()
        for byte in "abc".utf8 { hash.update([byte]) }
        #expect(hash.text == abc)
        #expect(Hexadecimal.isDigest(abc) && !Hexadecimal.isDigest(abc.uppercased()))
    }

    @Test func `SplitMix64 gives the numbers of the reference implementation`() {
        var generator = SplitMix64(state: 1_234_567)
        #expect(
            (0..<3).map { _ in generator.next() }
                == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func `a wait in milliseconds is rounded up and never negative`() {
        #expect(Duration.microseconds(1).milliseconds == 1)
        #expect(Duration.milliseconds(5).milliseconds == 5)
        #expect(Duration.seconds(-3).milliseconds == 0)
        #expect(Duration.seconds(Int64.max).milliseconds == .max)
        #expect(Duration.milliseconds(1500).seconds == 1.5)
    }

    @Test(arguments: [
        ("nubmer", ["number"]), ("Number", ["number"]), ("rate", ["learning.rate"]), ("xyzzyplugh", []),
    ])
    func `a misspelt name finds the name that was meant`(name: String, expected: [String]) {
        #expect(NearestName.find(name, among: ["number", "exact", "learning.rate"]) == expected)
    }

    @Test(arguments: [
        ("90", 90), ("45s", 45), ("90m", 5400), ("2h", 7200), ("1h30m", 5400), ("1d2h3m4s", 93784), ("0s", 0),
    ])
    func `a short text is a duration`(text: String, seconds: Int) {
        #expect(Duration(shortText: text) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "h", "2x", "2h2h", "30m1h", "-5", "1.5h", "99999999999999999999", "2 h", "２h", "9999999d",
    ])
    func `other text is no duration`(text: String) { #expect(Duration(shortText: text) == nil) }
}
