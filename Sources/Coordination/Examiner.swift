package import Episodes
import ExternalPrograms
package import ModelFiles
import Reasoning
package import Reinforcement
package import RunStore
package import Scheduling
import Settings
package import Torch
package import Transformers

/// Examines results: scores every trace again and audits some, on its own thread.
///
/// A worker's claims about a built-in verifier are never used; an external verifier is asked again about a
/// sample of them (`VerdictAudit`). A worker that sends tokens that the policy did not sample is caught when
/// one of those traces is drawn (`AuditDraws`).
package actor Examiner {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rules: RolloutRules
    private let policy: PolicyConfiguration
    private let draws: AuditDraws
    private let log: @Sendable (String) -> Void
    /// Versions whose traces may still arrive, the newest last.
    private var published: [PublishedPolicy] = []
    private var model: (version: PolicyVersion, audit: TraceAudit)?

    /// Processes of the programs that judge, for asking again about a sample; nil when nothing is asked again.
    private let pools: VerifierPools?

    /// - Parameters:
    ///   - key: key for the draws of the audits.
    ///   - log: receives a line for each problem with an external verifier.
    /// - Throws: `ExternalProgramError` when the verifier's program is missing.
    package init(
        _ rules: RolloutRules, policy: PolicyConfiguration, key: AuditKey,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-examiner"),
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.rules = rules
        let isAsking = rules.configuration.audit.verifierRate > 0
        pools = try isAsking ? VerifierPools(rules.configuration.externalPrograms, log: log) : nil
        self.policy = policy
        self.executor = executor
        self.log = log
        draws = AuditDraws(key)
    }

    /// Accepts traces of this version from now on.
    package func install(_ policy: PublishedPolicy) {
        published = published.suffix(rules.configuration.staleness) + [policy]
    }

    /// The result of an examination.
    package struct Finding: Sendable {
        package let outcome: ExaminationOutcome
        /// Number of traces whose claimed verdict disagrees with their answer.
        package let lies: Int
        package let audited: Int
    }

    /// Ends the processes of an external verifier.
    package func close() async { await pools?.close() }

    /// - Parameters:
    ///   - worker: the name of the worker that generated the result.
    ///   - scrutiny: multiplier of the configured audit rate.
    package func examine(
        _ result: RolloutResult, _ assignment: Assignment, by worker: String, scrutiny: Double = 1
    ) async -> Finding {
        let scored: [ScoredTrace]
        let prompts: [[Int32]]
        let lies: Int
        do {
            // A problem that cannot be a prompt here could not be one at the worker either.
            prompts = try assignment.problems.map {
                try rules.prompt(for: $0.problem, assignment.id.round.purpose)
            }
            let problems = assignment.problems.flatMap { assigned in
                (0..<assignment.samples).map { _ in assigned.problem }
            }
            let claims = try claims(of: result)
            if !rules.configuration.programs.isEmpty {
                guard let claims else {
                    throw UnusableVerdicts(description: "it came without the verdicts of programs")
                }
                let outcome = try await verdicts(result, problems, claims)
                if let flaw = outcome.flaw {
                    return Finding(
                        outcome: .rejected(.auditFailed, detail: flaw), lies: 1, audited: outcome.asked)
                }
                (scored, lies) = (outcome.scored, outcome.lies)
            } else {
                scored = try zip(result.traces, problems).map { try rules.score($0, of: $1) }
                lies = claims.map { zip($0, scored).count { $0 != $1.reward.verdicts } } ?? 0
            }
        } catch {
            return Finding(outcome: .rejected(.unscorable, detail: "\(error)"), lies: 0, audited: 0)
        }
        let groups = assignment.groups(scored, prompts: prompts, by: worker)
        let (flaw, audited) = audit(groups, assignment, scrutiny)
        let outcome: ExaminationOutcome =
            flaw.map { .rejected(.auditFailed, detail: $0) } ?? .accepted(groups)
        return Finding(outcome: outcome, lies: lies, audited: audited)
    }

    /// The claimed verdicts of each trace's judges; nil when none are claimed.
    private func claims(of result: RolloutResult) throws -> [[Verdict?]]? {
        guard let claims = result.claims else { return nil }
        let judges = 1 + rules.configuration.rewards.count
        guard claims.count == result.traces.count * judges else {
            throw UnusableVerdicts(
                description:
                    "it came with \(claims.count) verdicts on \(result.traces.count) traces, not \(judges) on each"
            )
        }
        return result.traces.indices.map { Array(claims[$0 * judges..<($0 + 1) * judges]) }
    }

    /// The verdicts of programs: the worker's, after a sample of them is asked again.
    private func verdicts(
        _ result: RolloutResult, _ problems: [Problem], _ claims: [[Verdict?]]
    ) async throws -> VerdictAudit.Outcome {
        let audit = VerdictAudit(rules: rules, pools: pools)
        let rate = rules.configuration.audit.verifierRate
        let drawn = result.traces.map(\.id).filter { draws.isDrawn($0, for: .verdict, rate: rate) }
        let outcome = try await audit.outcome(
            result.traces, of: problems, claims: claims, drawn: Set(drawn))
        if let failure = outcome.failure { log("\(failure); \(drawn.count) answers are undecided") }
        return outcome
    }

    private struct UnusableVerdicts: Error, CustomStringConvertible { let description: String }

    // MARK: - Audit

    /// Computes the log-probabilities of a sample of traces again, each token's with the policy named for it.
    private func audit(_ groups: [TraceGroup], _ assignment: Assignment, _ scrutiny: Double) -> (
        flaw: String?, audited: Int
    ) {
        let rate = min(1, rules.configuration.audit.rate * scrutiny)
        let purpose = assignment.id.round.purpose
        let allowed = rules.isDirect(purpose) ? Set(rules.answerTokens) : nil
        var audited = 0
        var passages: [Passage] = []
        for group in groups {
            for scored in group.traces {
                let trace = scored.trace
                if let allowed,
                    let token = trace.sampled.joined().first(where: { !allowed.contains(trace.tokens[$0]) })
                {
                    return (
                        "\(place(trace)) has token \(trace.tokens[token]), which may not be sampled", audited
                    )
                }
                guard draws.isDrawn(trace.id, for: .logProbabilities, rate: rate) else { continue }
                audited += 1
                passages += Passage.all(of: trace, group.prompt)
            }
        }
        // Policies are audited one after another, because loading one is the expensive part.
        for (_, passages) in Dictionary(grouping: passages, by: \.version).sorted(by: { $0.key < $1.key }) {
            do {
                if let flaw = try flaw(in: passages, purpose) { return (flaw, audited) }
            } catch {
                return ("\(place(passages[0].trace)) cannot be computed again: \(error)", audited)
            }
        }
        return (nil, audited)
    }

    /// The tokens of a trace that one policy sampled.
    private struct Passage {
        let trace: Trace
        let prompt: [Int32]
        let version: PolicyVersion
        let tokens: Range<Int>
        /// The worker's claimed log-probabilities, [tokens].
        let logProbabilities: ArraySlice<Float>

        static func all(of trace: Trace, _ prompt: [Int32]) -> [Passage] {
            var claimed = trace.logProbabilities[...]
            return zip(trace.segments.compactMap(\.version), trace.sampled).map { version, tokens in
                defer { claimed = claimed.dropFirst(tokens.count) }
                return Passage(
                    trace: trace, prompt: prompt, version: version, tokens: tokens,
                    logProbabilities: claimed.prefix(tokens.count))
            }
        }
    }

    /// - Parameter passages: passages of one policy.
    private func flaw(in passages: [Passage], _ purpose: Purpose) throws -> String? {
        guard let audit = try audit(of: passages[0].version) else {
            return
                "\(place(passages[0].trace)) is said to be of policy \(passages[0].version.rawValue), which nobody has now"
        }
        let computed = try audit.logProbabilities(
            of: passages.map { passage in
                // The policy reads given text, and other policies' tokens, as a prompt.
                let tokens = passage.trace.tokens
                return PromptedResponse(
                    prompt: passage.prompt + tokens[..<passage.tokens.lowerBound],
                    response: Array(tokens[passage.tokens]))
            }, rules.sampling(purpose).rule)
        let tolerance = Float(
            rules.configuration.audit.tolerance(of: rules.configuration.policy.dtype))
        for (passage, values) in zip(passages, computed) {
            for (token, (claimed, ours)) in zip(passage.tokens, zip(passage.logProbabilities, values)) {
                guard !(abs(ours - claimed) <= tolerance) else { continue }
                return
                    "\(place(passage.trace)), token \(token): log-probability \(claimed), the policy's is \(ours)"
            }
        }
        return nil
    }

    private func audit(of version: PolicyVersion) throws -> TraceAudit? {
        if let model, model.version == version { return model.audit }
        guard let policy = published.last(where: { $0.version == version }) else { return nil }
        model = nil
        try TorchLibrary.setThreads(rules.configuration.threads.learner)
        let audit = try TraceAudit(
            Policy(self.policy, ParameterSource(policy.manifest, policy.bytes)),
            dtype: DType(rules.configuration.policy.dtype))
        model = (version, audit)
        return audit
    }

    private func place(_ trace: Trace) -> String {
        "problem \(trace.id.problem), sample \(trace.id.sample) of the \(trace.id.round)"
    }
}
