import BuiltInVerifiers
import ExternalPrograms
import Foundation
import Testing

@testable import Reasoning

struct ProblemFormatTests {
    private func problems(
        _ lines: [String], _ format: ProblemFormat, _ verifier: any Verifier = NumberVerifier()
    ) throws -> [Problem] {
        var options = LineOptions()
        options.format = format
        return try ProblemSet(
            contents: Array(lines.joined(separator: "\n").utf8), file: "p.jsonl",
            verifiers: VerifierSet(verifier),
            options: options
        ).problems
    }

    @Test func `GSM8K's rows have their gold behind four hashes, and a step for each calculation`() throws {
        let rows = [
            #"{"question": "How many?", "answer": "He has 2*3=<<2*3=6>>6.\nThen 6+1=<<6+1=7>>7.\n#### 7"}"#,
            #"{"question": "How much?", "answer": "A lot.\n#### 1,234,000"}"#,
            #####"{"question": "Less?", "answer": "#### no\n#### -5"}"#####,
        ]
        let read = try problems(rows, .gsm8k)
        #expect(read.map(\.expected) == ["7", "1234000", "-5"])
        #expect(read.map(\.difficulty) == [2, 0, 0])
        #expect(read.allSatisfy { $0.id.hasPrefix("gsm8k/") })
    }

    @Test(arguments: [
        (#"{"question": "a", "answer": "7"}"#, "has no '#### gold'"),
        (#####"{"question": "a", "answer": "####  "}"#####, "has no '#### gold'"),
        (#####"{"question": "a", "answer": "#### seven"}"#####, "cannot read the expected answer 'seven'"),
        (#"{"question": "a", "expected": "7"}"#, "'answer' is missing"),
    ])
    func `a row that is not GSM8K's is named`(row: String, reason: String) {
        #expect { try problems([row], .gsm8k) } throws: {
            "\($0)".hasPrefix("p.jsonl:1: ") && "\($0)".contains(reason)
        }
    }

    @Test func `Countdown's rows become goals that its verifier reads`() throws {
        let rows = [
            #"{"target": 98, "nums": [44, 19, 35]}"#, #"{"nums": [1, 2], "target": 3, "use": "any"}"#,
        ]
        let read = try problems(rows, .countdown, CountdownVerifier())
        #expect(read[0].expected == #"{"numbers":[44,19,35],"target":98,"use":"all"}"#)
        #expect(
            read[0].question
                == "Make 98 of the numbers 44, 19, 35, each exactly once, with + - * / and parentheses.")
        #expect(read[1].question.contains("each at most once") && read.map(\.difficulty) == [3, 2])
        #expect(
            CountdownVerifier().verdict(on: Answer(direct: "44+35+19"), expected: read[0].expected)
                == .correct)
    }

    @Test(arguments: [
        (#"{"target": 98}"#, "'nums' is missing"), (#"{"nums": [], "target": 1}"#, "0 of them"),
        (#"{"nums": ["1"], "target": 1}"#, #"nums[0] is "1", wanted a whole number"#),
        (#"{"nums": [1], "target": 1, "use": "some"}"#, "use"),
        (#"{"nums": [1.5], "target": 1}"#, "nums[0] is 1.5, wanted a whole number"),
        (#"{"nums": [1], "target": 1e99}"#, "target is 1e99, wanted a whole number"),
    ])
    func `a row that is not Countdown's is named`(row: String, reason: String) {
        #expect { try problems([row], .countdown, CountdownVerifier()) } throws: {
            "\($0)".hasPrefix("p.jsonl:1: ") && "\($0)".contains(reason)
        }
    }

    @Test func `every gold of a sample of GSM8K is right against itself`() throws {
        let sample = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/gsm8k-sample.jsonl")
        var options = LineOptions()
        options.format = .gsm8k
        let all = try ProblemSet(
            contents: Data(contentsOf: sample), file: sample.path, verifiers: VerifierSet(NumberVerifier()),
            options: options
        ).problems
        #expect(all.count == 20)
        for problem in all {
            let verdict = NumberVerifier().verdict(
                on: Answer(direct: problem.expected), expected: problem.expected)
            #expect(verdict == .correct && problem.difficulty > 0)
        }
    }
}
