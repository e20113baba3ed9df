import Reinforcement

/// A worker by name, over restarts.
struct RosterEntry: Sendable {
    /// Large, rarely changed and often copied: shared.
    private var identity: Shared<Hello>
    /// Fingerprint of the key that it proved to have; nil without keys.
    var key: String?
    /// Where it can be reached; nil while it cannot.
    var peer: PeerID?
    /// Until it is silent too long, or has left and been silent.
    var isPresent = true
    var isLeaving = false
    /// Whether it has said anything after its welcome, which a dead process's HELLO never does.
    var isConfirmed = false
    var lastSeen: Duration
    var version: PolicyVersion?
    /// The attempt that it was handed and has not answered.
    var lease: AttemptID?
    private(set) var strikes = 0
    private(set) var deaths = 0
    private(set) var deathsInARow = 0
    private(set) var quarantines = 0
    private(set) var quarantinedUntil: Duration?
    private(set) var results = 0
    private(set) var rejected = 0
    /// Results used since it joined, or since its last rejected result.
    private(set) var inGoodStanding = 0
    /// A moving mean; nil before the first result.
    private(set) var tokensPerSecond: Double?

    /// A value behind one reference, so that copies of what holds it are cheap.
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

    /// Whether it may be handed work at all.
    var isAble: Bool { isPresent && peer != nil && !isLeaving && quarantinedUntil == nil }

    mutating func hear(at now: Duration) {
        lastSeen = now
        isConfirmed = true
    }

    /// Nothing is known of it until it says HELLO again.
    mutating func lose() {
        isPresent = false
        version = nil
        peer = nil
    }

    /// A result of it is used.
    ///
    /// - Parameter rate: tokens per second; nil when it is not known.
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

    /// It was silent and not dead.
    mutating func takeDeathBack() {
        deaths -= 1
        // They may have been set to zero meanwhile, at the end of a quarantine.
        deathsInARow = max(0, deathsInARow - 1)
    }

    /// No new work until the time is over, which is twice as long each time.
    ///
    /// - Returns: the length.
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
