import BuiltInVerifiers
import StrictConfiguration
import Testing

@testable import Reasoning

/// Lines as other projects write them.
struct OwnDataTests {
    private func problems(
        _ lines: String..., fields change: (inout ProblemFields) -> Void = { _ in },
        verifier: String = "exact"
    ) throws -> ProblemSet {
        var options = LineOptions()
        options.fields = try ProblemFields(change)
        return try ProblemSet(
            contents: Array(lines.joined(separator: "\n").utf8), file: "p.jsonl",
            verifiers: VerifierSet(Verifiers.named(verifier)), options: options)
    }

    @Test func `a row of verl is read by nested names`() throws {
        let set = try problems(
            #"{"prompt":[{"role":"system","content":"Think."},{"role":"user","content":"6*7=?"}],"#
                + #""reward_model":{"style":"rule","ground_truth":"42"},"extra_info":{"index":7,"level":2}}"#
        ) {
            $0.question = "prompt"
            $0.answer = "reward_model.ground_truth"
            $0.id = "extra_info.index"
            $0.difficulty = "extra_info.level"
        }
        #expect(set.problems == [Problem(id: "7", question: "6*7=?", expected: "42", difficulty: 2)])
        #expect(set.remarks.contains { $0.contains("of 1 lists of messages") })
    }

    @Test func `a member whose name has a dot wins over a nested one`() throws {
        let set = try problems(#"{"a.b":"1+1","a":{"b":"2+2"},"answer":2}"#) { $0.question = "a.b" }
        #expect(set.problems.map(\.question) == ["1+1"])
    }

    @Test func `the last message of the user is the question, in every spelling of a message`() throws {
        let set = try problems(
            #"{"question":[{"role":"user","content":"a"}],"answer":"1"}"#,
            #"{"question":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},"#
                + #"{"role":"user","content":"b"},{"role":"assistant","content":"2"}],"answer":"2"}"#,
            #"{"question":[{"from":"human","value":"c"},{"from":"gpt","value":"3"}],"answer":"3"}"#,
            #"{"question":[{"role":"user","content":[{"type":"text","text":"d"},{"type":"text","text":"e"}]}],"answer":"4"}"#
        )
        #expect(set.problems.map(\.question) == ["a", "b", "c", "de"])
        #expect(set.remarks.contains { $0.contains("of 1 lists of messages") })
    }

    @Test(arguments: [
        (#"["4","four"]"#, "exact", ["4", "four"], ["5", "4 or four"]),
        (#"["4",5]"#, "number", ["4.0", "5"], ["45"]),
        (#"["7"]"#, "number", ["7"], ["8"]), ("7", "number", ["7.0"], ["70"]),
        (#"["1/2","one half"]"#, "math", [#"\boxed{\frac12}"#, "one half"], ["2"]),
        (#"["4","four"]"#, "number", ["4"], ["four"]),
        ("true", "exact", ["true", "True"], ["false", "yes"]), ("false", "math", ["False"], ["true"]),
        ("[1,2,3]", "math", ["1, 2, 3", "[1,2,3]", "(1, 2, 3)"], ["3, 2, 1", "1", "6"]),
        ("[1,2]", "math", ["1, 2", "[1,2]", "(1,2)"], ["2, 1", "1", "3"]),
        ("[[1,2],[3,4]]", "exact", ["[[1, 2], [3, 4]]"], ["[1, 2]"]),
    ])
    func `several answers, a truth value and a list are met by each that is accepted`(
        expected: String, verifier: String, right: [String], wrong: [String]
    ) throws {
        let set = try problems(#"{"question":"q","answer":\#(expected)}"#, verifier: verifier)
        let rule = try Verifiers.named(verifier)
        let text = try #require(set.problems.first).expected
        for answer in right {
            #expect(rule.verdict(on: Answer(direct: answer), expected: text) == .correct, "\(answer)")
        }
        for answer in wrong {
            #expect(rule.verdict(on: Answer(direct: answer), expected: text) != .correct, "\(answer)")
        }
    }

    @Test func `a verifier that can read none of the answers refuses the line, and names the remedy`() {
        #expect {
            try problems(#"{"question":"q","answer":["four","vier"]}"#, verifier: "number")
        } throws: {
            "\($0)".hasPrefix("p.jsonl:1: ") && "\($0)".contains("set problems.verifier")
        }
    }

    @Test func `a difficulty may be spelled as text or with a point, and anything else names the remedy`()
        throws
    {
        let set = try problems(
            #"{"question":"a","answer":"1","difficulty":"3"}"#,
            #"{"question":"b","answer":"1","difficulty":4.0}"#)
        #expect(set.problems.map(\.difficulty) == [3, 4])
        #expect {
            try problems(#"{"question":"a","answer":"1","difficulty":0.5}"#)
        } throws: {
            "\($0)".contains("difficulty is 0.5, wanted a whole number")
                && "\($0)".contains("problems.fields.difficulty")
        }
    }

    @Test func `a missing nested name is shown with what is there`() {
        #expect {
            try problems(#"{"question":"a","info":{"gold":1}}"#) { $0.answer = "info.golt" }
        } throws: {
            "\($0)".contains("'info.golt' is missing; 'info' has 'gold': did you mean 'gold'?")
        }
    }

    @Test func `a byte order mark is skipped, and a JSON array is told how to be converted`() throws {
        let line = #"{"question":"a","answer":"1"}"#
        #expect(try problems("\u{FEFF}" + line).problems.count == 1)
        #expect { try problems("[", line, "]") } throws: { "\($0)".contains("jq -c '.[]'") }
    }
}
