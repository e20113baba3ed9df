package import ExternalPrograms
package import Reasoning
package import Reinforcement
import Tokenization

/// Scoring many traces at once, for verdicts that come from elsewhere.
extension RolloutRules {
    /// Scores traces, each of its problem; an external verifier's program judges them side by side.
    ///
    /// - Throws: `TokenizerError`, `ExternalProgramError`.
    package func score(_ traces: [Trace], of problems: [Problem], asking pool: VerifierPool) async throws
        -> [ScoredTrace]
    {
        let submitted = try traces.map { try submit($0) }
        let questions = zip(submitted, problems).map { submitted, problem in
            submitted.submission.answer.map { VerifierQuestion(problem, $0) }
        }
        var verdicts = try await pool.verdicts(on: questions.compactMap { $0 })[...]
        return submitted.map { submitted in
            let verdict = submitted.submission.answer == nil ? nil : verdicts.popFirst()
            return submitted.scored(scorer, verdict ?? .undecided)
        }
    }

    /// Scores traces with verdicts that a worker claims.
    ///
    /// Form and answer are read here, and a claim can give no more than the reward for the answer. An answer without a claim
    /// is undecided.
    ///
    /// - Throws: `TokenizerError`.
    package func score(_ traces: [Trace], taking claims: [Verdict?]) throws -> [ScoredTrace] {
        try zip(traces, claims).map { try submit($0).scored(scorer, $1 ?? .undecided) }
    }

    /// A trace as text, with the answer to be judged.
    struct Submitted {
        let trace: Trace
        let response: String
        let submission: Scorer.Submission

        func scored(_ scorer: Scorer, _ verdict: Verdict) -> ScoredTrace {
            ScoredTrace(trace: trace, response: response, reward: scorer.reward(submission, verdict))
        }
    }

    func submit(_ trace: Trace) throws -> Submitted {
        let finished = trace.finish == .end
        let purpose = trace.id.round.purpose
        let response = try response(trace.tokens, purpose)
        let submission =
            isDirect(purpose)
            ? scorer.submission(direct: response, finished: finished)
            : scorer.submission(response: response, finished: finished)
        return Submitted(trace: trace, response: response, submission: submission)
    }
}
