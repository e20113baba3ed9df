package import Reinforcement

extension WorkerState {
    /// Who this worker is, as it says in its `Hello`.
    package struct Identity: Sendable, Hashable {
        package let name: String
        package let instance: UInt64
        package let host: String
        package let process: Int
        package let machine: String

        package init(name: String, instance: UInt64, host: String, process: Int, machine: String) {
            self.name = name
            self.instance = instance
            self.host = host
            self.process = process
            self.machine = machine
        }
    }

    /// What happens to a worker.
    package enum Event: Sendable, Hashable {
        /// The transport is open; said once.
        case start
        case received(Envelope<CoordinatorMessage>)
        /// A message that cannot be read, and why; with the attempt, where it was an assignment.
        case malformed(attempt: AttemptID?, reason: String)
        /// The coordinator speaks another protocol version.
        case incompatible(theirs: Int, ours: Int)
        /// The coordinator refuses this worker's key or mechanism; final.
        case shutOut(reason: String)
        case disconnected
        /// The documents of `Action.prepare` cannot be used here; final.
        case unprepared(reason: String)
        /// The version is in place: the next rollout computes with it.
        case weightsReady(PolicyVersion)
        /// Also the answer to `abandonFetch`.
        case weightsFailed(PolicyVersion, reason: String)
        case rolloutFinished(RolloutResult)
        /// Also the answer to `abandonRollout`.
        case rolloutFailed(AttemptID, reason: String)
        /// SIGTERM or SIGINT.
        case terminate
        /// The parent process is gone.
        case parentGone
        case tick
    }

    /// What the shell must do, in order.
    package enum Action: Sendable, Hashable {
        case send(Envelope<WorkerMessage>)
        /// Close the socket and dial again.
        case reconnect
        /// Build what the documents describe before the first fetch; nil documents are those already held.
        case prepare(Welcome)
        /// Pull the version and load it, also under a rollout that goes on with it, then say `weightsReady` or `weightsFailed`.
        case fetch(PolicyVersion)
        case abandonFetch(PolicyVersion)
        /// Generate and score, then say `rolloutFinished` or `rolloutFailed`.
        case generate(AttemptID, Assignment)
        case abandonRollout(AttemptID)
        /// Stop generating and say `rolloutFinished` with the problems that are done, or `rolloutFailed` when no problem is.
        case curtailRollout(AttemptID)
        /// For the log.
        case note(String)
        /// Last of all: flush what was sent, within a second or two, and end.
        case exit(code: Int32, reason: String)
    }
}
