import Reasoning
package import Reinforcement
package import Rollouts
import RunStore
import Tokenization
package import Torch
package import Transformers

/// Examines results: scores every trace again and audits some, on a thread of its own.
///
/// A worker's claim is never used. A lying worker is noticed; one that sends what the policy did not sample is caught by
/// the audit as soon as one of its traces is drawn.
package actor Examiner {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rules: RolloutRules
    private let policy: PolicyConfiguration
    private let seed: UInt64
    /// Versions whose traces may still arrive, the newest last.
    private var published: [PublishedPolicy] = []
    private var model: (version: PolicyVersion, decoder: Policy)?

    package init(
        _ rules: RolloutRules, policy: PolicyConfiguration,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-examiner")
    ) {
        self.rules = rules
        self.policy = policy
        self.executor = executor
        seed = rules.configuration.seed
    }

    /// Traces of this version may arrive from now on.
    package func install(_ policy: PublishedPolicy) {
        published = published.suffix(rules.configuration.staleness) + [policy]
    }

    /// What an examination found.
    package struct Finding: Sendable {
        package let verdict: CoordinatorState.Verdict
        /// Traces whose claimed verdict is not what their answer is.
        package let lies: Int
        package let audited: Int
    }

    package func examine(_ result: RolloutResult, _ assignment: Assignment) -> Finding {
        var scored: [ScoredTrace] = []
        do {
            let problems = assignment.problems.flatMap { assigned in
                (0..<assignment.samples).map { _ in assigned.problem }
            }
            for (trace, problem) in zip(result.traces, problems) {
                scored.append(try rules.score(trace, of: problem))
            }
        } catch {
            return Finding(verdict: .rejected(.unscorable, detail: "\(error)"), lies: 0, audited: 0)
        }
        let claims = result.claims ?? scored.map(\.reward.verdict)
        let lies = zip(claims, scored).count { $0 != $1.reward.verdict }
        let groups = assignment.problems.enumerated().map { place, assigned in
            TraceGroup(
                problem: assigned,
                traces: Array(scored[place * assignment.samples..<(place + 1) * assignment.samples]))
        }
        let (flaw, audited) = audit(groups, assignment)
        let verdict: CoordinatorState.Verdict =
            flaw.map { .rejected(.auditFailed, detail: $0) } ?? .accepted(groups)
        return Finding(verdict: verdict, lies: lies, audited: audited)
    }

    // MARK: - Audit

    /// Computes the log-probabilities of a sample of traces again, with the policy that they name.
    private func audit(_ groups: [TraceGroup], _ assignment: Assignment) -> (flaw: String?, audited: Int) {
        let purpose = assignment.id.round.purpose
        let allowed = rules.isDirect(purpose) ? Set(rules.answerTokens) : nil
        var audited = 0
        for group in groups {
            for scored in group.traces {
                let trace = scored.trace
                if let allowed, let token = trace.tokens.first(where: { !allowed.contains($0) }) {
                    return ("\(place(trace)) has token \(token), which may not be sampled", audited)
                }
                guard isDrawn(trace.id) else { continue }
                audited += 1
                do {
                    if let flaw = try flaw(in: trace, of: group.problem) { return (flaw, audited) }
                } catch {
                    return ("\(place(trace)) cannot be computed again: \(error)", audited)
                }
            }
        }
        return (nil, audited)
    }

    /// The same traces on every run of the same seed, and no worker can tell which.
    private func isDrawn(_ id: SampleID) -> Bool {
        let rate = rules.configuration.audit.rate
        guard rate > 0 else { return false }
        let stream = Int(id.round.purpose.stream.rawValue)
        return CounterRandom(seed: seed).uniform(
            .audit, step: id.round.step, problem: id.problem, sample: id.sample, position: stream) < rate
    }

    private func flaw(in trace: Trace, of problem: AssignedProblem) throws -> String? {
        guard let model = try model(trace.version) else { return nil }
        let sampling = rules.sampling(trace.id.round.purpose)
        let computed = try TraceAudit(sampling).logProbabilities(
            of: trace.tokens, after: try rules.prompt(for: problem.problem, trace.id.round.purpose), by: model
        )
        let tolerance = Float(rules.configuration.audit.tolerance)
        for (token, (ours, theirs)) in zip(computed, trace.logProbabilities).enumerated()
        where !(abs(ours - theirs) <= tolerance) {
            return "\(place(trace)), token \(token): log-probability \(theirs), the policy's is \(ours)"
        }
        return nil
    }

    private func model(_ version: PolicyVersion) throws -> Policy? {
        if let model, model.version == version { return model.decoder }
        guard let policy = published.last(where: { $0.version == version }) else { return nil }
        model = nil
        try TorchLibrary.setThreads(rules.configuration.threads.learner)
        let decoder = try Policy(self.policy, ParameterSource(policy.manifest, policy.bytes))
        model = (version, decoder)
        return decoder
    }

    private func place(_ trace: Trace) -> String {
        "problem \(trace.id.problem), sample \(trace.id.sample) of the \(trace.id.round)"
    }
}
