package import ExternalPrograms
package import Reasoning
package import Reinforcement

/// Scoring of many traces at once, with verdicts from elsewhere.
extension RolloutRules {
    /// Scores traces, each with its problem; programs judge their part side by side.
    ///
    /// - Throws: `TokenizerError`, `ExternalProgramError`.
    package func score(_ traces: [Trace], of problems: [Problem], asking pools: VerifierPools) async throws
        -> [ScoredTrace]
    {
        let submitted = try traces.map { try submit($0) }
        let judged = zip(submitted, problems).compactMap { submitted, problem in
            submitted.answer.map { (problem: problem, answer: $0, judges: scorer.judges(of: problem)) }
        }
        var verdicts = try await pools.verdicts(on: judged)[...]
        return submitted.map { $0.scored($0.answer == nil ? [] : verdicts.popFirst() ?? []) }
    }

    /// Scores traces with the verdicts that a worker claims for programs.
    ///
    /// Form and answer are read here, and a verifier that comes with Ponder judges here, so a claim can give at most what a
    /// program may give. An answer without a claim is undecided.
    ///
    /// - Parameter claims: [traces][judges]; nil for a trace without an answer.
    /// - Throws: `TokenizerError`.
    package func score(
        _ traces: [Trace], of problems: [Problem], taking claims: [[Verdict?]]
    ) throws -> [ScoredTrace] {
        try zip(zip(traces, problems), claims).map { item, claims in
            let submission = try submit(item.0)
            guard let answer = submission.answer else { return submission.scored([]) }
            let verdicts = zip(scorer.judges(of: item.1), claims).map { judge, claim in
                judge.program == nil
                    ? judge.verdict(on: answer, expected: item.1.expected) : claim ?? .undecided
            }
            return submission.scored(verdicts)
        }
    }
}
