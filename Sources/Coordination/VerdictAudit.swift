import Episodes
import ExternalPrograms
import Reasoning
import Reinforcement

/// Asks programs again about a sample of a worker's claimed verdicts.
///
/// A claim is a program's verdict on an answer that the coordinator itself extracted from the trace, and no
/// credit outside 0...1 reaches this point. So the worst effect of an unchecked claim is that an answer gets another
/// credit of that program. One false claim drops the whole result as a failed audit.
struct VerdictAudit: Sendable {
    let rules: RolloutRules
    let pools: VerifierPools?

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
        _ traces: [Trace], of problems: [Problem], claims: [[Verdict?]], drawn: Set<SampleID>
    ) async throws -> Outcome {
        var scored = try rules.score(traces, of: problems, taking: claims)
        let lies = zip(claims, scored).count { $0.map { $0 == nil } != $1.reward.verdicts.map { $0 == nil } }
        var outcome = Outcome(scored: scored, lies: lies)
        guard let pools else { return outcome }
        let drawn = traces.indices.filter {
            scored[$0].reward.verdict != nil && drawn.contains(traces[$0].id)
        }
        let again: [ScoredTrace]
        do {
            again = try await rules.score(
                drawn.map { traces[$0] }, of: drawn.map { problems[$0] }, asking: pools)
        } catch let error as ExternalProgramError {
            // Trusting the worker here would reward any worker that can make the program fail.
            outcome.failure = error
            again = try rules.score(
                drawn.map { traces[$0] }, of: drawn.map { problems[$0] },
                taking: drawn.map { scored[$0].reward.verdicts.map { _ in .undecided } })
        }
        outcome.asked = drawn.count
        for (index, ours) in zip(drawn, again) {
            let pairs = zip(scored[index].reward.verdicts, ours.reward.verdicts)
            // A verdict that only the coordinator has is not used, since the program does not always say the same.
            guard pairs.contains(where: { $0 != $1 && $0 != .undecided }) else { continue }
            // When only the worker could judge the answer, it earns nothing and is not a false claim.
            scored[index] = ours
            guard let lie = pairs.first(where: { $0 != $1 && $0 != .undecided && $1 != .undecided }) else {
                continue
            }
            let id = traces[index].id
            outcome.flaw =
                "problem \(id.problem), sample \(id.sample): the worker's verdict is \(Self.word(lie.0)), "
                + "the coordinator's \(Self.word(lie.1)); if the program does not always say the same, "
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
