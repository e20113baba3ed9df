/// Something worth a line in the log and a row in the run's database.
package enum RunEvent: Sendable, Hashable {
    case workerJoined(String, host: String, process: Int)
    /// The same process said HELLO again.
    case workerReturned(String)
    /// A new process took the name of one that had not said goodbye.
    case workerRestarted(String, host: String, process: Int)
    case workerLost(String, silent: Duration)
    case workerLeft(String)
    case workerRefused(Refusal, address: String)
    case workerQuarantined(String, length: Duration, reason: String)
    case workerReleased(String)
    case attemptUsed(AttemptID, worker: String, tokens: Int, duration: Duration)
    case attemptDropped(AttemptID, worker: String, DropReason, detail: String)
    case attemptExpired(AttemptID, worker: String, after: Duration)
    /// A straggler's assignment was given to an idle worker as well.
    case attemptDoubled(AttemptID, worker: String, straggler: String)
    case resultLate(AttemptID, worker: String, LateReason)
    case messageMalformed(address: String, reason: String)
    case roundOpened(RoundID, assignments: Int)
    case roundCompleted(RoundID, duration: Duration)
}

/// Why a run cannot go on.
package enum RunFailure: Error, Sendable, Hashable {
    /// Workers died or failed over one assignment too often: its problems are to blame, or the workers' memory.
    case poison(AssignmentID, attempts: Int, problems: [String], last: String)
    /// The shell opened a round that cannot be run.
    case invalidRound(RoundID?, reason: String)
}
