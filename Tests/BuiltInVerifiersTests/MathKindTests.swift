import Foundation
import Reasoning
import Testing

@testable import BuiltInVerifiers

/// Answers that break verifiers, by kind, each with the verdict of a careful reader.
struct MathKindTests {
    private let verifier = MathVerifier()

    private func verdict(_ answer: String, _ expected: String) -> Verdict {
        verifier.verdict(on: Answer(direct: answer), expected: expected)
    }

    private struct Pair: Decodable {
        let kind: String
        let expected: String
        let answer: String
        let right: Bool
    }

    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Golden/math-kinds.jsonl")

    @Test func `answers of every kind have the verdict of a careful reader`() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        let pairs = try lines.map { try JSONDecoder().decode(Pair.self, from: Data($0.utf8)) }
        #expect(pairs.count >= 1500)
        for pair in pairs {
            let verdict = verdict(pair.answer, pair.expected)
            let message = "\(pair.kind): \(verdict) is '\(pair.answer)' for '\(pair.expected)'"
            #expect((verdict == .correct) == pair.right, "\(message)")
        }
    }

    @Test func `boxes are members of a list, and equal boxes are one`() {
        #expect(verdict("\\boxed{12}, \\boxed{345}", "12345") == .wrong)
        #expect(verdict("\\boxed{12}, \\boxed{345}", "345, 12") == .correct)
        #expect(verdict("\\boxed{7}\n\n**Final Answer**\n\\boxed{7}", "7") == .correct)
        #expect(verdict("$x = \\boxed{3}$ and $y = \\boxed{5}$", "3, 5") == .correct)
    }

    @Test(arguments: [
        "the result is −4", "minus 4", "4²", "√4", "the cube root of 4", "4k", "4!", "3 mod 4", "half of 4",
        "4 dozen",
        "4 thousand 500", "at least 4", "4 or more", "between 3 and 4", "maybe 3, maybe 4", "4 is wrong",
        "H4", "9千4",
        "\\mathbb{Z}/4", "\\int_0^4 x\\,dx", "10 (base 4)",
    ])
    func `a number inside of something else is not the answer`(answer: String) {
        #expect(verdict(answer, "4") != .correct)
    }

    @Test(arguments: [
        "\\int_0^4 x\\,dx", "\\unknown{4}", "maybe 4", "4 is wrong", "9 mod 4", "\\boxed{?}", "3:30",
        "2015-03-14",
    ])
    func `what is not understood is undecided`(answer: String) {
        #expect(verdict(answer, "4") == .undecided)
    }

    @Test func `a time, a date and a ratio of three are no arithmetic`() {
        #expect(verdict("1:3", "10:30") != .correct)
        #expect(verdict("10:30 p.m.", "10:30 \\text{ a.m.}") == .wrong)
        #expect(verdict("22:30", "10:30 \\text{ p.m.}") == .correct)
        #expect(verdict("1998", "2015-03-14") != .correct)
        #expect(verdict("3/14/2015", "2015-03-14") == .correct)
        #expect(verdict("1:1:6", "1:2:3") == .wrong)
        #expect(verdict("2:4:6", "1:2:3") == .correct)
    }

    @Test(arguments: [
        "The answer is 72, because it is.", "The answer is $72$, where $x = 3$.",
        "The answer is 72 when x = 3.",
        "The answer is $72$, not $12$.", "Answer: 72 (as computed above)",
        "The answer is x=72 and we are done.",
    ])
    func `the first mathematics after the answer is announced counts`(answer: String) {
        #expect(verdict(answer, "72") == .correct)
        #expect(verdict(answer, "3") != .correct)
        #expect(verdict(answer, "12") != .correct)
    }

    @Test func `the value behind a left side counts, and a false equation does not`() {
        for answer in ["f(2)=5", "m+n=5", "|AB|=5", "\\#S=5", "P(X \\ge 2) = 5", "k_{\\max}=5", "2+3=5"] {
            #expect(verdict(answer, "5") == .correct)
        }
        for answer in ["8=5", "3+3=5", "x = 5 = 8", "2x=5"] { #expect(verdict(answer, "5") != .correct) }
    }

    @Test func `text that equals the expectation is right whatever it means`() throws {
        for text in ["\\int_0^1 f(x)\\,dx", "\\text{Player 1}", "x^2 \\text{ for } x>0"] {
            #expect(verdict("$\(text)$", text) == .correct)
            #expect(verdict("\\boxed{\(text)}", text) == .correct)
        }
    }

    @Test func `equal quantities in other units are right, and other units are wrong`() {
        #expect(verdict("180 min", "3 \\text{ hours}") == .correct)
        #expect(verdict("3 min", "3 \\text{ hours}") == .wrong)
        #expect(verdict("50 cents", "\\$0.50") == .correct)
        #expect(verdict("5 ft 10 in", "70 \\text{ inches}") == .correct)
        #expect(verdict("5 m³", "5\\text{ m}^2") == .wrong)
    }

    @Test func `sets of numbers are equal however they are described`() {
        for answer in [
            "|x|>1", "x<-1 or x>1", "\\mathbb{R}\\setminus[-1,1]", "(1,\\infty)\\cup(-\\infty,-1)",
        ] {
            #expect(verdict(answer, "(-\\infty,-1)\\cup(1,\\infty)") == .correct)
        }
        #expect(verdict("x\\ge1", "(-\\infty,-1)\\cup(1,\\infty)") == .wrong)
    }

    @Test func `commas are read as the expectation needs them`() {
        #expect(verdict("100,200,300", "100, 200, 300") == .correct)
        #expect(verdict("100,200,300", "100200300") == .correct)
        #expect(verdict("100200300", "100, 200, 300") == .wrong)
        #expect(verdict("1.234,56", "1234.56") == .correct)
        #expect(verdict("12,34,567", "1234567") == .correct)
    }
}
