import BuiltInVerifiers
import Episodes
import Reasoning
import Reinforcement
import StrictConfiguration
import Testing

struct MeasurementTests {
    private let problem = Problem(id: "sums/1", question: "4+5=?", expected: "9", difficulty: 2)

    private func scored(_ response: String, tokens: Int = 3, isDirect: Bool = false, finish: Finish = .end)
        throws -> ScoredTrace
    {
        let round = RoundID(step: 0, purpose: isDirect ? .direct : .evaluation)
        let trace = Trace(
            id: SampleID(round: round, problem: 0, sample: 0), tokens: Array(repeating: 1, count: tokens),
            logProbabilities: Array(repeating: -1, count: tokens), version: PolicyVersion(0), finish: finish)
        let scorer = Scorer(tags: .think, verifier: NumberVerifier(), rule: .standard)
        return TraceSubmission(trace, response: response, isDirect: isDirect, scorer)
            .scored(of: problem)
    }

    @Test func `a scored trace keeps its form and its thought`() throws {
        let right = try scored("<think>4+5=9</think>9")
        #expect(right.form == .kept(answer: Answer(direct: "9")) && right.thought == "4+5=9")
        #expect(right.isInForm && right.isRight && right.reward.total == 1.2)

        let open = try scored("<think>4+5", finish: .length)
        #expect(open.form == .broken(.cut) && open.thought == "4+5")
        #expect(!open.isInForm && !open.isRight && open.reward.verdict == nil)

        let wrong = try scored("<think>4+5=8</think>8")
        #expect(wrong.isInForm && !wrong.isRight)
    }

    @Test func `asked directly, an answer has no form and no thought, and may be right`() throws {
        let direct = try scored("9", isDirect: true)
        #expect(direct.form == nil && direct.thought == nil)
        #expect(!direct.isInForm && direct.isRight)
        #expect(try !scored("9").isRight)
    }

    @Test func `a right answer without the tags earns in an untagged run and does not count as right`() throws
    {
        let scorer = Scorer(
            tags: .think, verifier: NumberVerifier(), rule: try RewardRule { $0.mode = .untagged })
        let untagged = TraceSubmission(
            try scored("").trace, response: "4+5 makes 9", isDirect: false, scorer
        ).scored(of: problem)
        #expect(untagged.reward.verdict == .correct && untagged.reward.total == 1)
        #expect(!untagged.isInForm && !untagged.isRight)
    }

    @Test func `figures are those of all problems, and of each difficulty`() throws {
        let hard = Problem(id: "sums/2", question: "40+50=?", expected: "9", difficulty: 5)
        let measurement = Measurement([
            (problem, try scored("<think>4+5=9</think>9", tokens: 4)), (problem, try scored("9", tokens: 1)),
            (hard, try scored("<think>x</think>8", tokens: 2)),
            (hard, try scored("<think>abcde", tokens: 5, finish: .length)),
        ])
        let all = measurement.all
        #expect(all.problems == 4 && all.right == 1 && all.inForm == 2 && all.tokens == 12)
        #expect(all.accuracy == 0.25 && all.format == 0.5 && all.credit == 0.25 && all.undecided == 0)
        #expect(all.thoughtLength == Double(5 + 1 + 5) / 3)
        #expect(measurement.byDifficulty.keys.sorted() == [2, 5])
        #expect(measurement.byDifficulty[2]?.accuracy == 0.5 && measurement.byDifficulty[5]?.format == 0.5)
        #expect(measurement.byDifficulty[5]?.thoughtLength == 3)
    }

    @Test func `a thought is measured in the unit that is asked for`() throws {
        let traces = [(problem: problem, scored: try scored("<think>4+5=9</think>9"))]
        #expect(Measurement(traces) { _ in 7 }.all.thoughtLength == 7)
        #expect(Measurement(traces) { _ in nil }.all.thoughtLength == nil)
    }

    @Test func `without problems every share is 0`() {
        let nothing = Measurement([])
        #expect(nothing.all.accuracy == 0 && nothing.all.format == 0 && nothing.all.credit == 0)
        #expect(nothing.all.thoughtLength == nil && nothing.byDifficulty.isEmpty)
    }
}
