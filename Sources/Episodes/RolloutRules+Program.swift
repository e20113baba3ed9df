package import ExternalPrograms
package import Reasoning
package import Reinforcement

/// Scoring of many traces at once, with verdicts from elsewhere.
extension RolloutRules {
    /// Scores traces, each with its problem; an external verifier's program judges them side by side.
    ///
    /// - Throws: `TokenizerError`, `ExternalProgramError`.
    package func score(_ traces: [Trace], of problems: [Problem], asking pool: VerifierPool) async throws
        -> [ScoredTrace]
    {
        let submitted = try traces.map { try submit($0) }
        let questions = zip(submitted, problems).map { submitted, problem in
            submitted.answer.map { VerifierQuestion(problem, $0) }
        }
        var verdicts = try await pool.verdicts(on: questions.compactMap { $0 })[...]
        return submitted.map { $0.scored($0.answer == nil ? nil : verdicts.popFirst()) }
    }

    /// Scores traces with verdicts that a worker claims.
    ///
    /// Form and answer are read here, so a claim can give at most the reward for the answer. An answer
    /// without a claim is undecided.
    ///
    /// - Throws: `TokenizerError`.
    package func score(_ traces: [Trace], taking claims: [Verdict?]) throws -> [ScoredTrace] {
        try zip(traces, claims).map { try submit($0).scored($1) }
    }
}
