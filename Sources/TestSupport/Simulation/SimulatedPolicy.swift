import Reasoning
import Reinforcement
import Scheduling

/// The policy of a simulated run: its weights are a number, learning is a hash over what was learned from, in order.
enum SimulatedPolicy {
    static let seed: UInt64 = 7
    static let base: UInt64 = 0x5EED

    /// The tokens that a policy with these weights samples: a function of the weights and the sample's id alone.
    static func trace(_ id: SampleID, weights: UInt64, version: PolicyVersion) -> Trace {
        Samples.trace(id, seed: seed ^ weights, version: version)
    }

    /// A place in each trace from which another policy samples the tokens.
    struct Change {
        let position: Int
        let version: PolicyVersion
        let weights: UInt64
    }

    /// The tokens of a trace that several policies sampled in turn.
    ///
    /// - Parameter changes: in the order of their positions, the first at 0.
    static func trace(_ id: SampleID, changes: [Change]) -> Trace {
        Samples.trace(id) { position in
            let policy = changes.last { $0.position <= position }
            return (seed ^ (policy?.weights ?? 0), policy?.version ?? id.round.version)
        }
    }

    /// The tokens that the policies named in a trace would sample.
    static func again(_ trace: Trace, served: [PolicyVersion: UInt64]) -> Trace {
        var (changes, position) = ([Change](), 0)
        for segment in trace.segments {
            if let version = segment.version {
                changes.append(Change(position: position, version: version, weights: served[version] ?? 0))
            }
            position += segment.tokens
        }
        return Self.trace(trace.id, changes: changes)
    }

    static func result(_ attempt: AttemptID, _ assignment: Assignment, changes: [Change]) -> RolloutResult {
        RolloutResult(
            attempt: attempt,
            traces: assignment.problems.flatMap { problem in
                (0..<assignment.samples).map { sample in
                    trace(
                        SampleID(round: assignment.id.round, problem: problem.index, sample: sample),
                        changes: changes)
                }
            }, claims: nil)
    }

    /// - Parameter version: nil for the round's own.
    static func result(
        _ attempt: AttemptID, _ assignment: Assignment, weights: UInt64, version: PolicyVersion? = nil
    ) -> RolloutResult {
        RolloutResult(
            attempt: attempt,
            traces: assignment.problems.flatMap { problem in
                (0..<assignment.samples).map { sample in
                    trace(
                        SampleID(round: assignment.id.round, problem: problem.index, sample: sample),
                        weights: weights, version: version ?? assignment.id.round.version)
                }
            }, claims: nil)
    }

    /// The next weights: FNV-1a over every token and log-probability, in the order given.
    static func learn(_ weights: UInt64, from groups: [TraceGroup]) -> UInt64 {
        var hash = weights ^ 0xCBF2_9CE4_8422_2325
        func absorb(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01B3 }
        for group in groups {
            for scored in group.traces {
                absorb(UInt64(scored.trace.id.problem) << 32 | UInt64(scored.trace.id.sample))
                for token in scored.trace.tokens { absorb(UInt64(UInt32(bitPattern: token))) }
                for value in scored.trace.logProbabilities { absorb(UInt64(value.bitPattern)) }
            }
        }
        return hash
    }

    /// The coordinator's reading of an accepted result.
    static func groups(_ result: RolloutResult, _ assignment: Assignment, by worker: String) -> [TraceGroup] {
        assignment.groups(
            result.traces.map {
                ScoredTrace(
                    trace: $0, response: "", form: nil, thought: nil,
                    reward: Reward(format: 0.2, accuracy: 0, verdict: nil))
            }, prompts: assignment.problems.map { _ in [] }, by: worker)
    }

    /// The weights after this many steps of a run in which nothing ever failed: no coordinator, worker or network.
    static func weights(after steps: Int, assignments: Int) -> UInt64 {
        var weights = base
        for step in 0..<steps {
            let groups = Samples.round(step: step, assignments: assignments, seed: seed).flatMap {
                assignment in
                Self.groups(
                    result(Samples.attempt(of: assignment), assignment, weights: weights), assignment,
                    by: "worker")
            }
            weights = learn(weights, from: groups)
        }
        return weights
    }
}
