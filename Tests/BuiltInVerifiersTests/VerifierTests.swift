import Reasoning
import Testing

@testable import BuiltInVerifiers

struct VerifierTests {
    private func verdict(_ name: String, _ answer: String, _ expected: String) throws -> Verdict {
        try Verifiers.named(name).verdict(on: Answer(direct: answer), expected: expected)
    }

    @Test(arguments: Verifiers.all.map(\.name))
    func `every verifier is found by its name`(name: String) throws {
        #expect(try Verifiers.named(name).name == name)
    }

    @Test func `an unknown verifier is named with the nearest known one`() {
        #expect(
            throws: VerifierError.unknown(
                name: "nubmer", nearest: "number",
                known: ["exact", "number", "choice", "countdown", "math", "external"])
        ) { try Verifiers.named("nubmer") }
        #expect(
            throws: VerifierError.unknown(
                name: "xyzzyplugh", nearest: nil,
                known: ["exact", "number", "choice", "countdown", "math", "external"])
        ) { try Verifiers.named("xyzzyplugh") }
        #expect { try Verifiers.named("Exact") } throws: { "\($0)".contains("did you mean 'exact'") }
    }

    @Test func `exact is equality but for white space at the ends`() throws {
        #expect(try verdict("exact", " Paris\n", "Paris") == .correct)
        #expect(try verdict("exact", "paris", "Paris") == .wrong)
        #expect(try verdict("exact", "Pa ris", "Paris") == .wrong)
        #expect(try verdict("exact", "cafe\u{301}", "café") == .correct)
        #expect(try verdict("exact", "", " ") == .undecided)
    }

    @Test(arguments: [
        ("51", "51"), (" 51\n", "51"), ("51.", "51"), ("+51", "51"), ("051", "51"), ("51.0", "51"),
        ("51.00.", "51"),
        ("1,234", "1234"), ("1,234,567.50", "1234567.5"), ("-0", "0"), ("-0.00", "0"), ("0", "-0"),
        (".5", "0.5"),
        ("-1,234.5", "-1234.5"), ("\u{2212}7", "-7"), ("51", "51.0"), ("1234", "1,234"),
        ("0.30000000000000000000000000000000000001", "0.30000000000000000000000000000000000001"),
    ])
    func `the same number written otherwise is right`(answer: String, expected: String) throws {
        #expect(try verdict("number", answer, expected) == .correct)
    }

    @Test(arguments: [
        ("52", "51"), ("-51", "51"), ("5.1", "51"), ("510", "51"), ("51 52", "51"), ("51, 52", "51"),
        ("x=51", "51"),
        ("=51", "51"), ("51=51", "51"), ("17*3", "51"), ("51apples", "51"), ("", "51"), (" ", "51"),
        (".", "0"),
        ("-", "0"), ("+", "0"), (",", "0"), ("5.1e1", "51"), ("0x33", "51"), ("12,34", "1234"),
        ("1,2345", "12345"),
        (",123", "123"), ("0,123", "123"), ("1,,234", "1234"), ("1.234,5", "1234.5"), ("51..", "51"),
        ("51.0.0", "51"),
        ("--51", "51"), ("- 51", "51"), ("5 1", "51"), ("٥١", "51"), ("nan", "51"),
        ("inf", "51"),
        ("0.30000000000000000000000000000000000001", "0.3"), ("9007199254740993", "9007199254740992"),
        ("51\n\n52", "51"),
        ("51\u{301}", "51"), ("102/2", "51"), ("51%", "51"), ("$51", "51"),
    ])
    func `anything but the number is wrong`(answer: String, expected: String) throws {
        #expect(try verdict("number", answer, expected) == .wrong)
    }

    @Test func `a number of a million digits is wrong at once`() throws {
        #expect(try verdict("number", String(repeating: "1", count: 1_000_000), "1") == .wrong)
        #expect(try verdict("number", String(repeating: " ", count: 1_000_000) + "1", "1") == .wrong)
    }

    @Test(arguments: ["B", "b", " b ", "B.", "B)", "(B)", "(b).", "(B)."])
    func `a letter is read in its usual spellings`(answer: String) throws {
        #expect(try verdict("choice", answer, "B") == .correct)
        #expect(try verdict("choice", answer, "(b)") == .correct)
        #expect(try verdict("choice", answer, "C") == .wrong)
    }

    @Test(arguments: [
        "", "BB", "A B", "A or B", "(B", "B or not B", "K", ".B", "()", ")", "Б", "\u{2}", "!",
        "b\u{301}",
    ])
    func `what is not one letter is wrong`(answer: String) throws {
        for letter in ["A", "B", "C", "D", "E"] { #expect(try verdict("choice", answer, letter) == .wrong) }
    }

    @Test(arguments: [
        ("exact", " "), ("number", "fifty"), ("number", ""), ("number", "#### 72"), ("choice", "K"),
        ("choice", ""),
        ("countdown", "22"), ("countdown", "{}"), ("countdown", #"{"numbers":[],"target":1}"#),
    ])
    func `an expectation that nothing can meet is an error at load and undecided later`(
        name: String, expected: String
    ) throws {
        let verifier = try Verifiers.named(name)
        #expect { try verifier.check(expected: expected) } throws: { "\($0)".contains("'\(name)'") }
        #expect(verifier.verdict(on: Answer(direct: expected), expected: expected) == .undecided)
    }

    @Test func `expectations that can be met pass the check`() throws {
        try Verifiers.named("exact").check(expected: "Paris")
        try Verifiers.named("number").check(expected: "-1,234.5")
        try Verifiers.named("choice").check(expected: "e")
        try Verifiers.named("countdown").check(expected: #"{"numbers":[3,5,7],"target":22,"use":"all"}"#)
    }
}
