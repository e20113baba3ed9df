import Foundation
import Reasoning
import Testing

@testable import BuiltInVerifiers

struct MathVerifierTests {
    private let verifier = MathVerifier()

    private func verdict(_ answer: String, _ expected: String) -> Verdict {
        verifier.verdict(on: Answer(direct: answer), expected: expected)
    }

    private struct Pair: Decodable {
        let expected: String
        let answer: String
        let correct: Bool
    }

    private static let pairsFile = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Golden/math-pairs.jsonl")

    @Test func `every pair has the verdict that is stated for it`() throws {
        let lines = try String(contentsOf: Self.pairsFile, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 500)
        for line in lines {
            let pair = try JSONDecoder().decode(Pair.self, from: Data(line.utf8))
            let verdict = verdict(pair.answer, pair.expected)
            #expect(
                (verdict == .correct) == pair.correct, "\(verdict) is '\(pair.answer)' for '\(pair.expected)'"
            )
            #expect(throws: Never.self, "\(pair.expected)") { try verifier.check(expected: pair.expected) }
        }
    }

    @Test(arguments: ["18", "3", "70000", "1,050", "-4", "0", "5.5", "623", "1/2", "2,125", "104,857,600"])
    func `a number that GSM8K expects is right against itself`(number: String) {
        #expect(verdict(number, number) == .correct)
        #expect(verdict("So it is.\n#### \(number)", number) == .correct)
        #expect(verdict("So it is \(number).", number) == .correct)
        #expect(verdict("\(number)1", number) == .wrong)
    }

    @Test(arguments: [
        "9^9^9^9", "9^{9^{9^{9}}}", "(10^10)!", "((((((9!)!)!)!)!)!)", "\\binom{10^9}{10^8}", "10^{10^{10}}",
        "2^{1000001}", "0^0", "\\tan 90^\\circ", "\\ln 0", "x^{10^{10}}", "\\frac{1}{0}",
    ])
    func `what cannot be computed is undecided, not wrong`(answer: String) {
        #expect(verdict(answer, "5") == .undecided)
    }

    @Test func `a repeating period counts its leading zeros`() {
        #expect(verdict("0.\\overline{09}", "\\frac{1}{11}") == .correct)
        #expect(verdict("0.\\overline{9}", "\\frac{1}{11}") == .wrong)
        #expect(verdict("0.1\\overline{006}", "\\frac{67}{666}") == .correct)
        #expect(verdict("0.\\overline{3}", "\\frac{1}{3}") == .correct)
    }

    @Test(arguments: [
        ("\\ln(-2)", "\\ln 2 + i\\pi"), ("e^{i\\pi}", "-1"), ("\\sqrt{-4}", "2i"), ("(-1)^{1/2}", "i"),
        ("\\sin(i)", "i\\sinh(1)"), ("\\cos(i)", "\\cosh(1)"), ("\\frac{1}{1+i}", "\\frac{1-i}{2}"),
        ("(1+i)^8", "16"),
        ("\\sin(\\pi + i)", "-i\\sinh(1)"),
    ])
    func `complex values are principal values`(answer: String, expected: String) {
        #expect(verdict(answer, expected) == .correct)
        #expect(verdict(answer, "-(\(expected))") == .wrong)
    }

    @Test func `a value that is only near another is not it`() {
        #expect(verdict("\\cos(10^{-7})", "1") != .correct)
        #expect(verdict("\\sqrt{10^{20}+1}", "10^{10}") != .correct)
        #expect(verdict("10^{20}+1", "10^{20}") == .wrong)
        #expect(verdict("10^{20}+1-10^{20}", "1") != .wrong)
        #expect(verdict("x+10^{-12}", "x") == .wrong)
        #expect(verdict("2305843009213693951", "0") == .wrong)
        #expect(verdict("\(Residue.prime)+0", "0") == .undecided)
        #expect(verdict("0.30000000000000000000000000000000000001", "0.3") == .wrong)
        #expect(verdict("\\sqrt{2}+\\sqrt{3}-\\sqrt{5+2\\sqrt{6}}", "0") != .wrong)
    }

    @Test(arguments: [
        "", " ", "\\frac{1}", "(1,2", "\\unknown{3}", "{", "x = ", "5 +",
        "\\begin{pmatrix} 1 & 2 \\\\ 3 \\end{pmatrix}",
        "She has 9 eggs", "\u{0}", "1 2 3", "[1,2,3)",
    ])
    func `an expectation that is not understood is refused, and undecided later`(expected: String) {
        #expect(throws: VerifierError.self) { try verifier.check(expected: expected) }
        #expect(verdict("5", expected) == .undecided)
    }

    @Test(arguments: [
        ("so \\boxed{1} or \\boxed{ \\frac{1}{2} } it is 7", AnswerReading.Rule.boxed, "1, \\frac{1}{2} "),
        ("\\boxed{1} is not it, it is \\boxed{2}", .boxed, "2"), ("a\n#### 72\n", .hashes, "72"),
        ("The answer is 5 because 3 + 2 is.", .answerIs, "5"), ("ANSWER: $x^2$", .answerIs, "$x^2$"),
        (" x + 1 ", .whole, " x + 1 "), ("Evelyn", .whole, "Evelyn"),
        ("we find $y$, so $\\frac12$ of it", .formula, "\\frac12"),
        ("first $2x$, then 7 of them", .lastNumber, "7"),
        ("12 eggs at $2 make 24 dollars", .lastNumber, "24 dollars"), ("so 3/4 of it", .lastNumber, "3/4"),
        ("nothing at all, really", .whole, "nothing at all, really"),
        ("take \\sqrt{2} of it", .lastNumber, "\\sqrt{2}"),
    ])
    func `the part that answers is found by the first rule that applies`(
        text: String, rule: AnswerReading.Rule, part: String
    ) {
        let reading = verifier.reading(of: Answer(direct: text))
        #expect(reading.rule == rule)
        #expect(reading.text.trimmed == part.trimmed)
    }

    @Test func `other verifiers judge the whole answer`() {
        #expect(
            ExactVerifier().reading(of: Answer(direct: "so 5")) == AnswerReading(rule: .whole, text: "so 5"))
    }

    @Test(arguments: ["한", "한+1", "2한", "é", "e\u{301}x", "서울", "x한글", "αβγ"])
    func `letters of any script end`(text: String) {
        #expect(verdict(text, "5") != .correct)
        #expect(verdict("so \(text)", "5") != .correct)
    }

    @Test func `input of any length and depth has its verdict at once`() {
        let long = 100_000
        for text in [
            String(repeating: "1", count: long), String(repeating: "(", count: long),
            String(repeating: "{", count: long) + "1" + String(repeating: "}", count: long),
            String(repeating: "\\frac{1}{", count: long / 9), String(repeating: "-", count: long),
            String(repeating: "1+", count: long / 2) + "1", String(repeating: "\\boxed{", count: long / 7),
            String(repeating: "$1$ and ", count: long / 8), String(repeating: "answer is ", count: long / 10),
            String(repeating: "1,", count: long / 2), String(repeating: "x!", count: 900),
            String(repeating: "\\sqrt{", count: 200) + "2" + String(repeating: "}", count: 200),
            String(repeating: "2^", count: 900) + "2", String(repeating: "|", count: 900),
        ] {
            #expect(verdict(text, "5") != .correct)
            #expect(verdict("5", text) != .correct)
            _ = verdict(text, text)
        }
        #expect(verdict(String(repeating: "word ", count: long / 5) + "\\boxed{5}", "5") == .correct)
    }
}
