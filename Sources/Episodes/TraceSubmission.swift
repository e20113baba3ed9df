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

    /// - Parameter verdict: the verdict on the answer; nil counts as undecided.
    package func scored(_ verdict: Verdict?) -> ScoredTrace {
        ScoredTrace(
            trace: trace, response: response, form: submission.form,
            thought: submission.form.flatMap { _ in scorer.format.thought(in: response) },
            reward: scorer.reward(submission, verdict ?? .undecided))
    }

    /// Scores the trace with the run's own verifier.
    package func scored(expected: String) -> ScoredTrace {
        scored(answer.map { scorer.verifier.verdict(on: $0, expected: expected) })
    }
}
