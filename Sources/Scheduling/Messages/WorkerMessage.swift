package import Reasoning
package import Reinforcement

/// A message from a worker to its coordinator.
///
/// Producer: `WorkerState` (and `ponder status` for `statusRequest`). Consumer: `SchedulerState`.
package enum WorkerMessage: Sendable, Hashable {
    /// The first message on every connection, and again after every break.
    case hello(Hello)
    /// The worker now computes with this policy version.
    case ready(PolicyVersion)
    /// Sent at a steady rate.
    ///
    /// It repeats the worker's standing, so that no other message has to arrive.
    case ping(WorkerStanding)
    /// Sent until it is acknowledged.
    case result(RolloutResult)
    /// The attempt cannot be generated or read here, with the reason; sent until it is acknowledged.
    case failed(AttemptID, reason: String)
    /// The worker takes no more work and returns these attempts.
    case goodbye(returning: [AttemptID])
    /// Answers the challenge of this number.
    case alive(UInt64)
    /// Asks for `CoordinatorMessage.status`; anyone may ask.
    case statusRequest
}

/// A worker's introduction of itself.
package struct Hello: Sendable, Hashable {
    /// The worker's name, which restarts keep: `worker-1`.
    package let name: String
    /// A random number of this process, which tells a restart from a reconnection.
    package let instance: UInt64
    package let host: String
    /// Process id on its host.
    package let process: Int
    /// Processor, libtorch and shim, on which the bits depend besides the run; one line for `status`.
    package let machine: String
    /// The digests of the documents that the worker already holds; nil when it holds none and accepts any.
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

/// The state of a worker at the moment.
package struct WorkerStanding: Sendable, Hashable {
    /// The policy version that the worker computes with; nil while it has none.
    package let version: PolicyVersion?
    /// Attempts that the worker generates or has queued.
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
    /// The traces in the order of (problem, sample).
    package let traces: [Trace]
    /// The verdicts of the problem's judges on each trace's answer, [traces × judges]; nil for a trace without an
    /// answer.
    ///
    /// Claims of a built-in verifier are only compared, never used. Claims of a program are used unless the
    /// coordinator asks it again.
    package let claims: [Verdict?]?

    package init(attempt: AttemptID, traces: [Trace], claims: [Verdict?]?) {
        self.attempt = attempt
        self.traces = traces
        self.claims = claims
    }

    /// Sampled tokens of all traces.
    package var tokenCount: Int { traces.reduce(0) { $0 + $1.sampledCount } }
}
