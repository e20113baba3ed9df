package import Reasoning
package import Reinforcement

/// A trace as text, with the answer that is to be judged.
package struct TraceSubmission: Sendable {
    private let trace: Trace
    private let response: String
    private let submission: Scorer.Submission
    private let scorer: Scorer

    /// - Parameters:
    ///   - response: the text of the trace, including prefilled text and without what ended it.
    ///   - isDirect: whether only the answer was asked for, without a thought.
    package init(_ trace: Trace, response: String, isDirect: Bool, _ scorer: Scorer) {
        self.trace = trace
        self.response = response
        self.scorer = scorer
        let finished = trace.finish == .end
        submission =
            isDirect
            ? scorer.submission(direct: response, finished: finished)
            : scorer.submission(response: response, finished: finished)
    }

    /// Nil when there is no answer to judge.
    package var answer: Answer? { submission.answer }

    /// - Parameter verdicts: those of the problem's judges on the answer, in their order; a missing one is undecided.
    package func scored(_ verdicts: [Verdict]) -> ScoredTrace {
        ScoredTrace(
            trace: trace, response: response, form: submission.form,
            thought: submission.form.flatMap { _ in scorer.format.thought(in: response) },
            reward: scorer.reward(submission, verdicts))
    }

    /// Scores the trace with the verifiers that come with Ponder; what a program decides is undecided.
    package func scored(of problem: Problem) -> ScoredTrace {
        scored(answer.map { scorer.verdicts(on: $0, to: problem) } ?? [])
    }
}
