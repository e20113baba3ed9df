import Primitives
package import Reinforcement

/// An event that is worth a log line and a row in the run's database.
package enum RunEvent: Sendable, Hashable {
    case workerJoined(String, host: String, process: Int)
    /// The same process said HELLO again.
    case workerReturned(String)
    /// A new process took the name of a process that never said goodbye.
    case workerRestarted(String, host: String, process: Int)
    case workerLost(String, silent: Duration)
    case workerLeft(String)
    case workerRefused(Refusal, address: String)
    case workerRevoked(String, address: String)
    case workerQuarantined(String, length: Duration, reason: String)
    case workerReleased(String)
    case attemptUsed(AttemptID, worker: String, tokens: Int, duration: Duration)
    case attemptDropped(AttemptID, worker: String, DropReason, detail: String)
    case attemptExpired(AttemptID, worker: String, after: Duration)
    /// A straggler's assignment was also given to an idle worker.
    case attemptDoubled(AttemptID, worker: String, straggler: String)
    /// Too many attempts at an assignment failed; the round continues without it.
    case problemsSetAside(AssignmentID, attempts: Int, problems: [String], last: String)
    case resultLate(AttemptID, worker: String, LateReason)
    case messageMalformed(address: String, reason: String)
    case roundOpened(RoundID, assignments: Int)
    case roundCompleted(RoundID, duration: Duration)
}

/// Why a run cannot continue.
package enum RunFailure: Error, Sendable, Hashable {
    /// Attempts at one assignment failed too often.
    case poison(AssignmentID, attempts: Int, problems: [String], last: String)
    /// The shell opened an invalid round.
    case invalidRound(RoundID?, reason: String)
}

extension RunEvent: CustomStringConvertible {
    package var description: String {
        switch self {
        case .workerJoined(let name, let host, let process): "\(name) joined: process \(process) on \(host)"
        case .workerReturned(let name): "\(name) is back"
        case .workerRestarted(let name, let host, let process):
            "\(name) died and is back as process \(process) on \(host)"
        case .workerLost(let name, let silent): "\(name) has said nothing for \(silent.text) and is lost"
        case .workerLeft(let name): "\(name) leaves"
        case .workerRefused(let refusal, let address): "a worker at \(address) was refused: \(refusal)"
        case .workerRevoked(let name, let address):
            "\(name) at \(address) is refused from now on: its key was revoked"
        case .workerQuarantined(let name, let length, let reason):
            "\(name) gets no work for \(length.text): \(reason)"
        case .workerReleased(let name): "\(name) may be given work again"
        case .attemptUsed(let attempt, let worker, let tokens, let duration):
            "\(attempt) from \(worker) is used: \(tokens) tokens in \(duration.text)"
        case .attemptDropped(let attempt, let worker, let reason, let detail):
            "\(attempt) of \(worker) is dropped, \(reason.rawValue): \(detail)"
        case .attemptExpired(let attempt, let worker, let after):
            "\(attempt) of \(worker) expired after \(after.text)"
        case .attemptDoubled(let attempt, let worker, let straggler):
            "\(attempt) goes to \(worker) as well, \(straggler) is slow"
        case .problemsSetAside(let assignment, let attempts, let problems, let last):
            """
            \(assignment) is set aside after \(attempts) failed attempts, the last because \(last). \
            Its problems are \(problems.joined(separator: ", "))
            """
        case .resultLate(let attempt, let worker, let reason):
            "\(attempt) from \(worker) came late, \(reason.rawValue)"
        case .messageMalformed(let address, let reason): "a message from \(address) cannot be read: \(reason)"
        case .roundOpened(let round, let count): "the \(round) is open with \(count) assignments"
        case .roundCompleted(let round, let duration): "the \(round) is complete after \(duration.text)"
        }
    }
}

extension RunFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .poison(let assignment, let attempts, let problems, let last):
            """
            \(attempts) attempts at \(assignment) failed, the last because \(last). Its problems are \
            \(problems.joined(separator: ", ")). \(Self.remedy(after: last)).
            """
        case .invalidRound(let round, let reason):
            "the \(round.map(\.description) ?? "round") cannot be generated: \(reason)"
        }
    }

    /// What to do about attempts that failed for this reason.
    private static func remedy(after reason: String) -> String {
        // What libtorch, C++ and the system say when memory is short.
        let isMemory = ["memory", "bad_alloc"].contains { reason.lowercased().contains($0) }
        return isMemory
            ? "Give workers more memory, or leave the problems out"
            : "Remove that cause, of which the workers' logs say more, or leave the problems out"
    }
}
