import DequeModule
package import Reinforcement

/// What a worker knows and decides: events go in, actions come out, nothing else happens.
///
/// It has no clock, socket or tensor: `now` is handed in with each event. The shell executes the actions in order and feeds
/// `tick` several times per ping. Generation and downloads happen on other threads. A rollout and a fetch overlap only where
/// the assignment says that it goes on with newer weights. Otherwise a trace is of one policy.
///
///     greeting → welcomed: fetching weights ⇄ ready ⇄ generating → results until acknowledged
///        ↑______ silence, another incarnation, `helloFirst` ______|     terminate → draining → ended
///
/// Exit codes: 0 the run is complete or the worker was told to end, 1 the run failed, 3 the coordinator cannot be
/// reached, 4 it refused the worker.
package struct WorkerState: Sendable {
    package let identity: Identity
    package internal(set) var timing: WorkerTiming
    /// The run and incarnation of the last welcome.
    package internal(set) var stamp = RunStamp.unknown
    /// The policy version that the worker computes with; nil while it has none, and during a fetch between rollouts.
    package internal(set) var version: PolicyVersion?

    var outbox: [Action] = []
    /// When the event came that is being handled, or was handled last.
    var now: Duration
    var phase = Phase.new
    var digests: Digests?
    /// When the coordinator was heard last.
    var lastHeard: Duration
    var lastTick: Duration
    var lastPing: Duration
    var hello = Retry()

    var newest: PolicyVersion?
    var fetch: Fetch?
    var fetchRetry = Retry()
    /// Since when every fetch has failed.
    var fetchTroubleSince: Duration?

    var running: Job?
    var queued: Job?
    /// The attempts that were answered last: an assignment that is delivered twice is not generated twice.
    var recent: Deque<AttemptID> = []
    static let recentLimit = 16
    /// Results and failures that are not acknowledged yet, the oldest first; at most `pendingLimit`.
    var pending: Deque<Pending> = []
    package static let pendingLimit = 8

    /// - Parameter timing: until a welcome brings the run's.
    package init(_ identity: Identity, timing: WorkerTiming = .standard, now: Duration) {
        self.identity = identity
        self.timing = timing
        self.now = now
        lastHeard = now
        lastTick = now
        lastPing = now
    }

    enum Phase: Sendable, Hashable {
        case new, greeting, welcomed
        /// Told to end: it waits until its last results are acknowledged.
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

    /// When something is tried again: after pauses that double, up to the longest.
    struct Retry: Sendable, Hashable {
        var tries = 0
        var nextAt = Duration.zero

        mutating func record(at now: Duration, first: Duration, longest: Duration) {
            nextAt = now + min(first * (1 << min(tries, 10)), longest)
            tries += 1
        }
    }
}
