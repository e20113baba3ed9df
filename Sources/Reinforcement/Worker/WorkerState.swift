/// What a worker knows and decides: events go in, actions come out, nothing else happens.
///
/// No clock, socket or tensor: `now` is handed in with each event. The shell executes the actions in order and feeds
/// `tick` several times a ping. Generation and weights happen on other threads; at most one rollout and one fetch run.
///
///     connecting → greeting → welcomed: fetching weights ⇄ ready ⇄ generating → results until acknowledged
///                     ↑________ silence, another epoch, `helloFirst` ________|            terminate → draining → ended
package struct WorkerState: Sendable {
    package let identity: Identity
    package internal(set) var timing: WorkerTiming
    /// The run and epoch of the last welcome.
    package internal(set) var stamp = RunStamp.unknown
    /// The policy version that the worker computes with.
    package internal(set) var version: PolicyVersion?

    /// - Parameter timing: until a welcome brings the run's.
    package init(_ identity: Identity, timing: WorkerTiming = .standard, now: Duration) {
        self.identity = identity
        self.timing = timing
    }
}

extension WorkerState {
    /// Who this worker is; see `Hello`.
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

    /// What may happen to a worker.
    package enum Event: Sendable, Hashable {
        /// The transport is open; said once.
        case start
        case received(Envelope<CoordinatorMessage>)
        case malformed(reason: String)
        /// The coordinator speaks another protocol version.
        case incompatible(theirs: Int, ours: Int)
        /// The other side refuses this worker's key or mechanism; final.
        case shutOut(reason: String)
        case disconnected
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
        case fetch(PolicyVersion)
        case abandonFetch(PolicyVersion)
        case generate(AttemptID, Assignment)
        case abandonRollout(AttemptID)
        /// For the log.
        case note(String)
        case exit(code: Int32, reason: String)
    }

    package mutating func handle(_ event: Event, now: Duration) -> [Action] { [] }
}
