package import Reinforcement

extension WorkerState {
    /// The worker's identity, which its `Hello` carries.
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
        /// The transport is open; sent once.
        case start
        case received(Envelope<CoordinatorMessage>)
        /// A message that cannot be read, with the reason; has the attempt's id when the message was an
        /// assignment.
        case malformed(attempt: AttemptID?, reason: String)
        /// The coordinator speaks another protocol version.
        case incompatible(theirs: Int, ours: Int)
        /// The coordinator refuses this worker's key or mechanism for good.
        case shutOut(reason: String)
        case disconnected
        /// The answer to `Action.diagnose`.
        case diagnosed(String)
        /// The documents of `Action.prepare` cannot be used here; the worker ends.
        case unprepared(reason: String)
        /// The version is loaded, and the next rollout computes with it.
        case weightsReady(PolicyVersion)
        /// Also the answer to `abandonFetch`.
        case weightsFailed(PolicyVersion, reason: String)
        case rolloutFinished(RolloutResult)
        /// Also the answer to `abandonRollout`.
        case rolloutFailed(AttemptID, reason: String)
        /// SIGTERM or SIGINT.
        case terminate
        /// The parent process has ended.
        case parentGone
        case tick
    }

    /// An action that the shell must execute; actions come in order.
    package enum Action: Sendable, Hashable {
        case send(Envelope<WorkerMessage>)
        /// Close the socket and connect again.
        case reconnect
        /// Build what the documents describe before the first fetch; nil documents mean those already held.
        case prepare(Welcome)
        /// Fetch and load the version, then report `weightsReady` or `weightsFailed`.
        ///
        /// A rollout that continues with newer weights may be running at the same time.
        case fetch(PolicyVersion)
        case abandonFetch(PolicyVersion)
        /// Generate and score, then report `rolloutFinished` or `rolloutFailed`.
        case generate(AttemptID, Assignment)
        case abandonRollout(AttemptID)
        /// Stop generating.
        ///
        /// Then report `rolloutFinished` with the finished problems, or `rolloutFailed` when no problem is
        /// finished.
        case curtailRollout(AttemptID)
        /// Find out why the coordinator does not answer, and report with `Event.diagnosed`.
        case diagnose
        /// Write a line to the log.
        case note(String)
        /// The last action: flush the sent messages, within a second or two, and end.
        case exit(code: Int32, reason: String)
    }
}
