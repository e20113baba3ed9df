import Episodes
import ExternalPrograms
import Reasoning
import Reinforcement

/// Asks an external verifier again about a sample of a worker's claimed verdicts.
///
/// A claim is a verdict on an answer that the coordinator itself extracted from the trace, and no credit
/// outside 0...1 reaches this point. So the worst effect of an unchecked claim is that a wrong answer counts
/// as right. One false claim drops the whole result as a failed audit.
struct VerdictAudit: Sendable {
    let rules: RolloutRules
    let pool: VerifierPool?

    struct Outcome: Sendable {
        var scored: [ScoredTrace]
        /// The first claim that the program contradicts; nil when there is none.
        var flaw: String?
        /// Number of claims without an answer, plus answers without a claim.
        var lies: Int
        var asked = 0
        /// Why the program could not be asked; nil when it could.
        var failure: ExternalProgramError?
    }

    /// - Throws: `TokenizerError`.
    func outcome(
        _ traces: [Trace], of problems: [Problem], claims: [Verdict?], drawn: Set<SampleID>
    ) async throws -> Outcome {
        var scored = try rules.score(traces, taking: claims)
        let lies = zip(claims, scored).count { ($0 == nil) != ($1.reward.verdict == nil) }
        var outcome = Outcome(scored: scored, lies: lies)
        guard let pool else { return outcome }
        let drawn = traces.indices.filter {
            scored[$0].reward.verdict != nil && drawn.contains(traces[$0].id)
        }
        let again: [ScoredTrace]
        do {
            again = try await rules.score(
                drawn.map { traces[$0] }, of: drawn.map { problems[$0] }, asking: pool)
        } catch let error as ExternalProgramError {
            // Trusting the worker here would reward any worker that can make the program fail.
            outcome.failure = error
            again = try rules.score(drawn.map { traces[$0] }, taking: drawn.map { _ in .undecided })
        }
        outcome.asked = drawn.count
        for (index, ours) in zip(drawn, again) {
            let theirs = scored[index].reward.verdict
            guard theirs != ours.reward.verdict else { continue }
            if theirs == .undecided { continue }
            // When only the worker could judge the answer, it earns nothing and is not a false claim.
            scored[index] = ours
            if ours.reward.verdict == .undecided { continue }
            let id = traces[index].id
            outcome.flaw =
                "problem \(id.problem), sample \(id.sample): the worker's verdict is \(Self.word(theirs)), "
                + "the coordinator's \(Self.word(ours.reward.verdict)); if the program does not always say the same, "
                + "set audit.verifierRate to 0"
            break
        }
        outcome.scored = scored
        return outcome
    }

    private static func word(_ verdict: Verdict?) -> String {
        guard let verdict else { return "none" }
        return verdict.kind == .partial ? "\(verdict.credit)" : verdict.kind.rawValue
    }
}
