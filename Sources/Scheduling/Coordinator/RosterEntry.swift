import Reinforcement

/// A worker by name; the entry outlives restarts of the worker.
struct RosterEntry: Sendable {
    /// Shared, because it is large, rarely changes and is often copied.
    private var identity: Shared<Hello>
    /// Fingerprint of the key that the worker proved to have; nil without keys.
    var key: String?
    /// The worker's connection; nil while it has none.
    var peer: PeerID?
    /// False once the worker has been silent too long, or has left and been silent.
    var isPresent = true
    var isLeaving = false
    var lastSeen: Duration
    /// Other processes that ask for this worker's name, in the order of their first HELLO.
    var claims: [NameClaim] = []
    var version: PolicyVersion?
    /// The attempt that the worker holds and has not answered.
    var lease: AttemptID?
    private(set) var strikes = 0
    private(set) var deaths = 0
    private(set) var deathsInARow = 0
    private(set) var quarantines = 0
    private(set) var quarantinedUntil: Duration?
    private(set) var results = 0
    private(set) var rejected = 0
    /// Results used since the worker joined, or since its last rejected result.
    private(set) var inGoodStanding = 0
    /// Tokens per second, a moving average; nil before the first result.
    private(set) var tokensPerSecond: Double?

    /// A value behind one reference, so that a struct that holds it is cheap to copy.
    private final class Shared<Value: Sendable>: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    init(hello: Hello, lastSeen: Duration) {
        identity = Shared(hello)
        self.lastSeen = lastSeen
    }

    var hello: Hello {
        get { identity.value }
        set { identity = Shared(newValue) }
    }

    /// Whether the worker can receive work.
    var isAble: Bool { isPresent && peer != nil && !isLeaving && quarantinedUntil == nil }

    /// Whether the process may live, so that no other one takes its name: it is connected and has not said
    /// goodbye.
    var isHolding: Bool { isPresent && peer != nil && !isLeaving }

    /// Clears what is known about the worker until it says HELLO again.
    mutating func lose() {
        isPresent = false
        version = nil
        peer = nil
    }

    /// Records that a result of the worker was used.
    ///
    /// - Parameter rate: tokens per second; nil when unknown.
    mutating func recordSuccess(rate: Double?) {
        results += 1
        inGoodStanding += 1
        strikes = max(0, strikes - 1)
        deathsInARow = 0
        if let rate { tokensPerSecond = tokensPerSecond.map { 0.8 * $0 + 0.2 * rate } ?? rate }
    }

    mutating func recordRejection() {
        rejected += 1
        inGoodStanding = 0
    }

    mutating func recordStrike() { strikes += 1 }

    mutating func recordDeath() {
        deaths += 1
        deathsInARow += 1
    }

    /// Withdraws one death, because the worker was silent but alive.
    mutating func takeDeathBack() {
        deaths -= 1
        // The end of a quarantine may have reset the count to zero in the meantime.
        deathsInARow = max(0, deathsInARow - 1)
    }

    /// Stops new work for a while; each quarantine lasts twice as long as the one before.
    ///
    /// - Returns: the length of this quarantine.
    mutating func quarantine(from now: Duration, first: Duration, longest: Duration) -> Duration {
        let length = min(first * (1 << min(quarantines, 16)), longest)
        quarantines += 1
        quarantinedUntil = now + length
        return length
    }

    mutating func release() {
        quarantinedUntil = nil
        strikes = 0
        deathsInARow = 0
    }
}
