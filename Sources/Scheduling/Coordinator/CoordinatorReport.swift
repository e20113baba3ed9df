package import Reinforcement

/// The scheduler's part of `status`.
package struct CoordinatorReport: Sendable, Hashable, Codable {
    package let run: String
    package let incarnation: UInt64
    package let newestVersion: Int?
    /// What is waited for, as one phrase.
    package let waitingFor: String
    /// Seconds since the wait last changed.
    package let waitingSeconds: Double
    package let rounds: [Round]
    package let workers: [Worker]
    /// Assignments that were given up after too many failed attempts, oldest first.
    package let setAside: [SetAside]?
    package let ledger: Ledger

    /// An assignment that was given up; a resumed run lists those of its earlier starts too.
    package struct SetAside: Sendable, Hashable, Codable {
        /// The assignment's id as text, as `AssignmentID.description` gives it.
        package let assignment: String
        /// The ids of its problems; one of them causes the failures.
        package let problems: [String]
        /// Number of failed attempts.
        package let attempts: Int
        /// Why the last attempt failed.
        package let last: String
    }

    /// How long to wait before the next report is recorded, 1 to 30 s: a report of thousands of workers takes
    /// a while to write.
    package var pause: Duration { .seconds(min(30, max(1, Double(workers.count) / 100))) }

    package struct Round: Sendable, Hashable, Codable {
        package let step: Int
        package let purpose: Purpose
        package let assignments: Int
        package let accepted: Int
        package let outstanding: Int
        package let seconds: Double
    }

    package struct Worker: Sendable, Hashable, Codable {
        package let name: String
        /// Fingerprint of the worker's key, which identifies the worker; nil without keys.
        package let key: String?
        package let host: String
        package let process: Int
        package let machine: String
        package let state: State
        package let version: Int?
        package let tokensPerSecond: Double?
        package let secondsSinceSeen: Double
        package let results: Int
        package let rejected: Int
        package let strikes: Int
        /// Multiplier of the audit rate; 1 for a proven worker.
        package let scrutiny: Double?
        package let deaths: Int
        /// Id of the attempt that the worker generates, as text.
        package let generates: String?

        package enum State: String, Sendable, Hashable, Codable {
            case fetching, idle, generating, leaving, quarantined, gone
        }
    }
}
