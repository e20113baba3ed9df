import Foundation

/// The figures of one training step: a line of `metrics.jsonl` and a row of the run's database.
///
///     var metrics = StepMetrics(step: 12, incarnation: 1, time: 1_795_520_000)
///     metrics.reward = 0.7
package struct StepMetrics: Sendable, Hashable, Codable {
    /// Version of the format, for readers of older runs.
    package private(set) var schema = 2
    /// Number of this step, from 1; its traces come from policy version `step − 1`.
    package let step: Int
    /// Incarnation of the coordinator, from 1.
    package let incarnation: UInt64
    /// Time of the step's end, in seconds since 1970; for people, never for logic.
    package let time: Double

    // MARK: Time, in seconds

    /// Wall time of the step.
    package var seconds = 0.0
    /// Wall time of all steps so far.
    package var elapsed = 0.0
    /// Wall time from the start of the step to the arrival of its last group.
    package var generationSeconds = 0.0
    package var learningSeconds = 0.0
    /// Wall time in which the policy of the step was published, before the step; nil in the first step of a start.
    package var publishingSeconds: Double?
    /// Processor time of the coordinator's own work since the previous step was learned.
    package var coordinatorSeconds = 0.0

    // MARK: Traces

    package var groups = 0
    /// Groups with equal rewards, from which nothing can be learned.
    package var silentGroups = 0
    package var traces = 0
    /// Number of response tokens.
    package var tokens = 0
    /// Number of traces cut at the limit of new tokens.
    package var truncated = 0
    /// Number of traces that several policies sampled.
    package var continued = 0
    /// Mean over all tokens of the number of steps between the policy that sampled it and the one that
    /// learned from it.
    package var staleness = 0.0
    /// Largest such number of steps among the traces of the step.
    package var maxStaleness = 0

    // MARK: Rewards

    /// Mean reward per trace.
    package var reward = 0.0
    /// Share of traces in the form, 0 to 1.
    package var format = 0.0
    /// Share of traces with a right answer, 0 to 1.
    package var accuracy = 0.0
    /// Mean share of the reward for the answer, 0 to 1; above `accuracy` when answers are right in part.
    package var credit = 0.0
    /// Number of traces whose answer the verifier could not judge.
    package var undecided = 0
    /// Number of traces that are left out of advantages and loss, under `reward.undecided: exclude`; nil when there is none.
    package var excluded: Int?
    /// Mean credit of each of the run's further rewards, 0 to 1, without its weight, by name; nil when there is none.
    package var rewards: [String: Double]?
    /// Mean length of a thought, in characters.
    package var thoughtLength = 0.0
    /// Share of right responses among those in the form, 0 to 1; nil when none is in the form.
    package var thoughtAccuracy: Double?
    /// Mean number of checks in a thought, and of restarts, by the rules of `SelfChecks`; nil in a step without thoughts.
    package var selfChecks: Double?
    package var restarts: Double?

    // MARK: Learning

    /// The loss before the update; nil in a step without variance.
    package var loss: Double?
    /// Euclidean norm of all gradients before clipping; nil in a step without variance.
    package var gradientNorm: Double?
    package var learningRate = 0.0
    /// Mean of |log π_old − log π_behaviour| over the tokens learned from, in nats: the difference between
    /// learner and workers.
    package var mismatch = 0.0
    /// Mean of −log π_old over the tokens learned from, in nats: an estimate of the policy's entropy.
    package var entropy = 0.0

    package init(step: Int, incarnation: UInt64, time: Double) {
        self.step = step
        self.incarnation = incarnation
        self.time = time
    }

    /// Generated tokens per second of the whole step; 0 for a step without duration.
    package var tokensPerSecond: Double { seconds > 0 ? Double(tokens) / seconds : 0 }

    /// Share of the groups from which nothing can be learned, 0 to 1.
    package var silentShare: Double { Double(silentGroups) / Double(max(1, groups)) }

    /// Notes on a step's verdicts beyond right and wrong, for a person; empty when there is nothing to add.
    package var verdictNotes: [String] {
        // Summing in another order may change the last digits.
        (abs(credit - accuracy) > 1e-9 ? [String(format: "credit %.1f %%", 100 * credit)] : [])
            + (undecided > 0 ? ["\(undecided) undecided"] : [])
            + (excluded.map { ["\($0) excluded"] } ?? [])
            + (rewards ?? [:]).sorted { $0.key < $1.key }.map { String(format: "\($0.key) %.2f", $0.value) }
    }
}

// MARK: - Records of older runs

extension StepMetrics {
    /// Reads a line of `metrics.jsonl` in this schema or an older one.
    ///
    /// - Throws: `DecodingError`.
    static func read(_ line: Data) throws -> StepMetrics {
        struct Version: Decodable { let schema: Int }
        let isOld = try RecordCoding.decode(Version.self, from: line).schema < 2
        return try RecordCoding.decode(StepMetrics.self, from: isOld ? upgraded(line) : line)
    }

    /// Upgrades schema 1, which has some figures in an object `extra`; its first runs lack some of them.
    private static func upgraded(_ line: Data) throws -> Data {
        guard var object = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { return line }
        let extra = object.removeValue(forKey: "extra") as? [String: Any] ?? [:]
        for (name, old) in [
            ("coordinator_seconds", "coordinatorSeconds"), ("continued", "continued"),
            ("staleness", "staleness"),
            ("max_staleness", "oldest"), ("undecided", "undecided"), ("mismatch", "mismatch"),
            ("entropy", "entropy"),
        ] {
            object[name] = extra[old] ?? 0
        }
        object["credit"] = extra["credit"] ?? object["accuracy"]
        object["schema"] = 2
        return try JSONSerialization.data(withJSONObject: object)
    }
}
