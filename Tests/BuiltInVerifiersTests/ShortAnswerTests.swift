import Foundation
import Reasoning
import Testing

@testable import BuiltInVerifiers

/// `choice`, `number` and `countdown` on answers as people and models write them.
struct ShortAnswerTests {
    private struct Pair: Decodable {
        let verifier: String
        let answer: String
        let expected: String
        let right: Bool
    }

    @Test func `right answers pass in every usual spelling, and no wrong one does`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/short-answers.jsonl")
        let pairs = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Pair.self, from: $0)
        }
        #expect(pairs.count > 500)
        for pair in pairs {
            let verdict = try Verifiers.named(pair.verifier).verdict(
                on: Answer(direct: pair.answer), expected: pair.expected)
            #expect(
                (verdict == .correct) == pair.right,
                "\(pair.verifier): '\(pair.answer)' for '\(pair.expected)' is \(verdict.kind)")
        }
    }

    @Test(arguments: [
        ("choice", "So it is \\boxed{\\textbf{(B) }42}.", AnswerReading.Rule.boxed, "B"),
        ("choice", "The answer is (c).", .answerIs, "C"), ("choice", "Option D", .whole, "D"),
        ("choice", "6*7=42\nB", .whole, "B"), ("choice", "A or B", .none, ""),
        ("number", "**Answer:** `1,234`", .answerIs, "1,234"), ("number", "work\n#### 51", .hashes, "51"),
        ("number", " 51 ", .whole, "51"), ("number", "51 or 52", .none, ""),
        ("countdown", "\\boxed{3 \\times 5 = 15}", .boxed, "3 \\times 5 = 15"),
        ("countdown", "One way: `3*5`", .whole, "3*5"),
    ])
    func `each says which part it judged, and by which rule`(
        name: String, answer: String, rule: AnswerReading.Rule, text: String
    ) throws {
        #expect(
            try Verifiers.named(name).reading(of: Answer(direct: answer))
                == AnswerReading(rule: rule, text: text))
    }

    @Test func `hostile answers are judged at once`() throws {
        let texts = [
            String(repeating: "(", count: 60_000), String(repeating: "\\boxed{", count: 8_000),
            String(repeating: "answer is ", count: 6_000),
            String(repeating: "{", count: 60_000) + String(repeating: "}", count: 5_000),
            String(repeating: "A or ", count: 12_000), String(repeating: "\\text{", count: 10_000),
            String(repeating: "\\frac{", count: 9_000), String(repeating: "$", count: 65_000),
            String(repeating: "so ", count: 20_000) + "B",
            String(repeating: "(A) ", count: 1_000), String(repeating: "\\fbox{a}", count: 8_000),
            String(repeating: "A\n", count: 30_000), "B. " + String(repeating: "and ", count: 1_000),
        ]
        for text in texts {
            for (name, expected) in [
                ("choice", "B"), ("number", "5"), ("countdown", #"{"numbers":[3,5],"target":15}"#),
            ] {
                let verifier = try Verifiers.named(name)
                let start = ContinuousClock.now
                #expect(verifier.verdict(on: Answer(direct: text), expected: expected) != .correct)
                // A debug build on a busy machine; quadratic work would take minutes.
                #expect(ContinuousClock.now - start < .seconds(3), "\(name): \(text.prefix(20))")
            }
        }
    }
}
