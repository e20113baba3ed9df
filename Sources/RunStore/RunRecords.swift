package import Reasoning
package import Reinforcement
package import Scheduling

/// An event of a run, as recorded.
///
///     EventRecord(time: …, monotonic: 61.5, incarnation: 2, step: 40, kind: "resumed", message: "from step 40")
package struct EventRecord: Sendable, Hashable, Codable {
    /// Seconds since 1970, for people.
    package let time: Double
    /// Seconds since this coordinator began, for order and intervals.
    package let monotonic: Double
    /// Incarnation of the coordinator; the column is `epoch`.
    package let incarnation: UInt64
    package let step: Int?
    /// One word to search for: `resumed`, `disk`, `workerLost`.
    package let kind: String
    package var message: String
    /// What a program reads, as JSON; nil for most kinds, and in runs that are older than this column.
    package var detail: String?

    enum CodingKeys: String, CodingKey {
        case time, monotonic, step, kind, message, detail
        case incarnation = "epoch"
    }

    package init(
        time: Double, monotonic: Double, incarnation: UInt64, step: Int?, kind: String, message: String,
        detail: String? = nil
    ) {
        self.time = time
        self.monotonic = monotonic
        self.incarnation = incarnation
        self.step = step
        self.kind = kind
        self.message = message
        self.detail = detail
    }
}

/// The last known state of a worker.
package struct WorkerRecord: Sendable, Hashable {
    package let worker: CoordinatorReport.Worker
    /// When the row was written, in seconds since 1970.
    package let time: Double
}

/// Names of the single values that a run keeps up to date.
package enum RunFact: String, Sendable, Hashable, CaseIterable {
    /// The `CoordinatorReport`, for `status --run`.
    case report
    /// The state of the run: `running`, `done`, `interrupted` or `failed`.
    case phase
    /// The number of steps of the whole run, which is much faster to read here than in the configuration.
    case steps
    /// The object that a finished run prints as its last line.
    case result
    /// Since when the run has been open to anyone, as text; never removed.
    case insecure
    /// Why checkpoints cannot be written, as text; empty when they can.
    case trouble
}

/// A fact's JSON text, with the time of its recording in seconds since 1970.
package struct StoredFact: Sendable, Hashable {
    package let json: String
    package let time: Double
}

/// A stored trace with its problem.
package struct StoredTrace: Sendable, Hashable, Encodable {
    package let version: Int
    package let purpose: Purpose
    /// Index of the problem in the round.
    package let problem: Int
    package let sample: Int
    package let problemID: String
    package let question: String
    package let expected: String
    package let difficulty: Int
    package let worker: String?
    package let response: String
    package let tokens: Int
    package let finish: Finish
    package let reward: Reward
    /// Each token with log-probability, policy and advantage; nil unless these were kept.
    package var tokenList: [TokenRecord.Token]?

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }
}
