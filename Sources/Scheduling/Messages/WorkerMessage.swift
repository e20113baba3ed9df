package import Reasoning
package import Reinforcement

/// What a worker tells its coordinator.
///
/// Producer: `WorkerState` (and `ponder status` for `statusRequest`). Consumer: `SchedulerState`.
package enum WorkerMessage: Sendable, Hashable {
    /// The first message on every connection, and again after every break.
    case hello(Hello)
    /// The worker now computes with this policy version.
    case ready(PolicyVersion)
    /// Sent at a steady beat. It repeats the worker's standing, so that nothing depends on the arrival of one message.
    case ping(WorkerStanding)
    /// Sent until it is acknowledged.
    case result(RolloutResult)
    /// The attempt cannot be generated or read here, and why. Sent until it is acknowledged.
    case failed(AttemptID, reason: String)
    /// The worker takes no more work and gives these attempts back.
    case goodbye(returning: [AttemptID])
    /// Answered with `CoordinatorMessage.status`, to anyone who asks.
    case statusRequest
}

/// Who a worker is.
package struct Hello: Sendable, Hashable {
    /// Names the worker across restarts: `worker-1`.
    package let name: String
    /// A random number of this process: tells a restart from a reconnect.
    package let instance: UInt64
    package let host: String
    /// Process id on its host.
    package let process: Int
    /// What the bits depend on besides the run (processor, libtorch, shim), as one line for `status`.
    package let machine: String
    /// The digests of the documents that the worker already holds; nil when it holds none and takes what it is given.
    package let digests: Digests?
    package let standing: WorkerStanding

    package init(
        name: String, instance: UInt64, host: String, process: Int, machine: String, digests: Digests?,
        standing: WorkerStanding
    ) {
        self.name = name
        self.instance = instance
        self.host = host
        self.process = process
        self.machine = machine
        self.digests = digests
        self.standing = standing
    }
}

/// What a worker holds right now.
package struct WorkerStanding: Sendable, Hashable {
    /// The policy version it computes with; nil while it has none.
    package let version: PolicyVersion?
    /// Attempts it generates or has queued.
    package let working: [AttemptID]
    /// Attempts whose results are not acknowledged yet.
    package let pending: [AttemptID]

    package init(version: PolicyVersion?, working: [AttemptID], pending: [AttemptID]) {
        self.version = version
        self.working = working
        self.pending = pending
    }

    package static let empty = WorkerStanding(version: nil, working: [], pending: [])
}

/// The traces of one attempt.
package struct RolloutResult: Sendable, Hashable {
    package let attempt: AttemptID
    /// In the order of (problem, sample).
    package let traces: [Trace]
    /// What the worker's verifier said of each trace's answer, [traces]; nil where a trace has no answer to judge.
    ///
    /// Claims of a built-in verifier are compared and never used. Claims of an external verifier are used where the coordinator
    /// does not ask it again.
    package let claims: [Verdict?]?

    package init(attempt: AttemptID, traces: [Trace], claims: [Verdict?]?) {
        self.attempt = attempt
        self.traces = traces
        self.claims = claims
    }

    /// Sampled tokens of all traces.
    package var tokenCount: Int { traces.reduce(0) { $0 + $1.sampledCount } }
}
