package import Reinforcement

/// The scheduler's part of `status`.
package struct CoordinatorReport: Sendable, Hashable, Codable {
    package let run: String
    package let incarnation: UInt64
    package let newestVersion: Int?
    /// What is waited for, as one phrase.
    package let waitingFor: String
    /// Seconds since anything about it changed.
    package let waitingSeconds: Double
    package let rounds: [Round]
    package let workers: [Worker]
    /// Assignments that were given up because attempts at them failed again and again, the latest last.
    package let setAside: [SetAside]?
    package let ledger: Ledger

    /// An assignment that was given up, also in the rounds of a resumed run.
    package struct SetAside: Sendable, Hashable, Codable {
        /// As `AssignmentID` describes itself.
        package let assignment: String
        /// The ids of its problems, one of which is to blame.
        package let problems: [String]
        /// Failed attempts.
        package let attempts: Int
        /// Why the last of them failed.
        package let last: String
    }

    /// How long to wait before the next report is recorded, because a report of thousands of workers takes a while to write.
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
        /// Fingerprint of its key, which tells who it is; nil without keys.
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
        /// How many times as many of its traces are audited as of a proven worker.
        package let scrutiny: Double?
        package let deaths: Int
        /// The attempt that it generates, as text.
        package let generates: String?

        package enum State: String, Sendable, Hashable, Codable {
            case fetching, idle, generating, leaving, quarantined, gone
        }
    }
}
