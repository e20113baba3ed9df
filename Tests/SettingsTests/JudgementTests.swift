import BuiltInVerifiers
import Reasoning
import Testing

@testable import Settings

/// Which verifiers and programs judge the answers of a run.
struct JudgementTests {
    @Test(arguments: [
        ("{}", "number"), ("{problems: {source: countdown}}", "countdown"),
        ("{problems: {source: sort}}", "exact"),
        ("{problems: {source: jsonlines, path: a}}", "math"),
        ("{problems: {source: jsonlines, path: a, format: gsm8k}}", "math"),
        ("{problems: {source: jsonlines, path: a, format: countdown}}", "countdown"),
        ("{problems: {source: jsonlines, path: a, verifier: exact}}", "exact"),
    ])
    func `a verifier that is not named follows from the source`(yaml: String, verifier: String) throws {
        let configuration = try RunConfiguration(yaml: yaml)
        #expect(configuration.problems.verifierName == verifier)
        #expect(try configuration.scorer().verifiers.standard.name == verifier)
        // Naming it is no change for a run that is resumed.
        var named = configuration
        named.problems.verifier = verifier
        #expect(named.difference(from: configuration).isEmpty)
        named.problems.verifier = "external"
        #expect(named.difference(from: configuration).map(\.path) == ["problems.verifier"])
    }

    @Test func `programs are those of the verifier and of rewards, each once`() throws {
        let configuration = try RunConfiguration(
            yaml: """
                verifier: {command: [a, b]}
                problems: {verifier: external}
                rewards:
                  - {name: one, weight: 0, command: [a, b]}
                  - {name: two, weight: -1, command: [c]}
                  - {name: three, weight: 1, verifier: exact}
                """)
        #expect(configuration.programs == [["a", "b"], ["c"]])
        let problem = Problem(id: "", question: "", expected: "", difficulty: 0)
        #expect(
            try configuration.scorer().judges(of: problem).map(\.program) == [
                ["a", "b"], ["a", "b"], ["c"], nil,
            ])
    }

    @Test func `the verifier math reads only a box where the run says so`() throws {
        let configuration = try RunConfiguration(
            yaml: "{problems: {source: jsonlines, path: a}, verifier: {math: {read: boxed}}}")
        let math = try configuration.scorer().verifiers.standard
        func verdict(_ answer: String) -> Verdict {
            math.verdict(on: Answer(direct: answer), expected: "1/2")
        }
        #expect(verdict("so it is \\boxed{0.5}") == .correct)
        #expect(verdict("so it is \\boxed{0.6}") == .wrong)
        for answer in ["1/2", "The answer is 1/2", "#### 1/2", "$1/2$"] { #expect(verdict(answer) == .wrong) }
    }

    @Test(arguments: [
        ("reward: {accuracy: 0, format: 0}", "reward: nothing is rewarded, so nothing can be learned: set"),
        ("reward: {format: 0, mode: formatOnly}", "nothing is rewarded"),
        ("reward: {accuracy: 0, mode: accuracyOnly}", "nothing is rewarded"),
        (
            "rewards: [{name: a, weight: 1, verifier: maht}]",
            "'a': there is no verifier 'maht'; did you mean 'math'?"
        ),
        ("rewards: [{name: a, weight: 1, verifier: external}]", "command: [python3, …] instead of verifier"),
        ("rewards: [{name: format, weight: 1, verifier: math}]", "the name 'format' is taken"),
        (
            "rewards: [{name: a, weight: 1, verifier: math}, {name: a, weight: 1, command: [x]}]",
            "the name 'a' is taken; every reward needs its own"
        ),
        ("rewards: [{name: a, weight: 1}]", "give a list of at most 16 mappings {name: of a-z, 0-9 and _"),
        ("rewards: [{name: A, weight: 1, verifier: math}]", "rewards"),
        ("rewards: [{name: a, weight: 1, verifier: math, command: [x]}]", "rewards"),
        ("rewards: [{name: a, weight: .inf, verifier: math}]", "rewards"),
        ("prompt: {answerOpen: <answer>}", "set prompt.answerOpen and prompt.answerClose, or neither"),
        (
            "prompt: {answerOpen: <think>, answerClose: </answer>}",
            "prompt.answerOpen: '<think>' cannot be used"
        ),
        (
            "verifier: {math: {read: box}}",
            "verifier.math.read: box is not allowed; give one of anywhere, boxed"
        ),
    ])
    func `rewards and verifiers that cannot be used are refused with the remedy`(yaml: String, reason: String)
    {
        #expect { try RunConfiguration(yaml: yaml) } throws: { "\($0)".contains(reason) }
    }
}
