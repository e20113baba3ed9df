import DequeModule
package import Reinforcement

/// The state of a worker: takes events in and returns actions, with no other effect.
///
/// It has no clock, socket or tensor: each event brings `now`. The shell executes the actions in order and
/// sends `tick` several times per ping. Generation and downloads run on other threads. A rollout and a fetch
/// overlap only when the assignment continues with newer weights. Otherwise one policy samples the whole
/// trace.
///
///     greeting → welcomed: fetching weights ⇄ ready ⇄ generating → results until acknowledged
///        ↑______ silence, another incarnation, `helloFirst` ______|     terminate → draining → ended
///
/// Exit codes: 0 when the run is complete or the worker was told to end, 1 when the run failed, 3 when the
/// coordinator cannot be reached, 4 when it refused the worker.
package struct WorkerState: Sendable {
    package let identity: Identity
    /// The coordinator's address, for the log.
    let coordinator: String
    package internal(set) var timing: WorkerTiming
    /// The run and the incarnation of the last welcome.
    package internal(set) var stamp = RunStamp.unknown
    /// The policy version that the worker computes with; nil while it has none, and during a fetch between
    /// rollouts.
    package internal(set) var version: PolicyVersion?

    var outbox: [Action] = []
    /// Time of the current event, or of the last one.
    var now: Duration
    var phase = Phase.new
    var digests: Digests?
    /// Time of the coordinator's last message.
    var lastHeard: Duration
    var lastTick: Duration
    var lastPing: Duration
    var hello = Retry()
    /// Why nobody answers, as far as that is known.
    var trouble: String?
    /// Earliest time for the next line about a coordinator that does not answer.
    var complaintDue = Duration.zero
    var progress: Progress

    var newest: PolicyVersion?
    var fetch: Fetch?
    var fetchRetry = Retry()
    /// Time of the first of the fetches that failed in a row; nil after a success.
    var fetchTroubleSince: Duration?

    var running: Job?
    var queued: Job?
    /// Recently answered attempts, so that an assignment that is delivered twice is generated once.
    var recent: Deque<AttemptID> = []
    static let recentLimit = 16
    /// Results and failures that are not acknowledged yet, oldest first; at most `pendingLimit`.
    var pending: Deque<Pending> = []
    package static let pendingLimit = 8

    /// - Parameters:
    ///   - coordinator: its address, for the log.
    ///   - timing: used until a welcome brings the run's timing.
    package init(
        _ identity: Identity, coordinator: String = "the coordinator", timing: WorkerTiming = .standard,
        now: Duration
    ) {
        self.identity = identity
        self.coordinator = coordinator
        progress = Progress(since: now)
        self.timing = timing
        self.now = now
        lastHeard = now
        lastTick = now
        lastPing = now
    }

    enum Phase: Sendable, Hashable {
        case new, greeting, welcomed
        /// Told to end; waits until its last results are acknowledged.
        case draining(until: Duration)
        case ended
    }

    struct Fetch: Sendable, Hashable {
        let version: PolicyVersion
        var isAbandoned = false
    }

    struct Job: Sendable, Hashable {
        let attempt: AttemptID
        let assignment: Assignment
        var isAbandoned = false
    }

    struct Pending: Sendable, Hashable {
        let attempt: AttemptID
        let message: WorkerMessage
        var retry: Retry
    }

    /// Schedules attempts at something, with pauses that double up to a maximum.
    struct Retry: Sendable, Hashable {
        var tries = 0
        var nextAt = Duration.zero

        mutating func record(at now: Duration, first: Duration, longest: Duration) {
            nextAt = now + min(first * (1 << min(tries, 10)), longest)
            tries += 1
        }
    }
}
