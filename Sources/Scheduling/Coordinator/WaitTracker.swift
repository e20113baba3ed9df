/// Remembers since when the current wait is unchanged.
struct WaitTracker: Sendable {
    /// The wait at the last check; nil while results come faster than the checks.
    private var wait: Wait? = .activity(.starting)
    private(set) var ledger: Ledger
    private var since: Duration

    init(_ ledger: Ledger, now: Duration) {
        self.ledger = ledger
        since = now
    }

    /// Starts a new wait, because an attempt changed.
    mutating func restart(_ ledger: Ledger, now: Duration) {
        self.ledger = ledger
        wait = nil
        since = now
    }

    mutating func note(_ current: Wait, now: Duration) {
        if let wait, wait != current { since = now }
        wait = current
    }

    /// - Parameter now: time of the last event.
    func waiting(for current: Wait, now: Duration) -> Waiting {
        Waiting(wait: current, since: wait == nil || wait == current ? since : now)
    }
}
