/// Remembers since when the same is waited for.
struct WaitTracker: Sendable {
    /// What was waited for when it was last looked at; nil while results come faster than that.
    private var wait: Wait? = .activity(.starting)
    private(set) var ledger: Ledger
    private var since: Duration

    init(_ ledger: Ledger, now: Duration) {
        self.ledger = ledger
        since = now
    }

    /// Something happened to an attempt, so the wait is a new one.
    mutating func restart(_ ledger: Ledger, now: Duration) {
        self.ledger = ledger
        wait = nil
        since = now
    }

    mutating func note(_ current: Wait, now: Duration) {
        if let wait, wait != current { since = now }
        wait = current
    }

    /// - Parameter now: when the last event was handled.
    func waiting(for current: Wait, now: Duration) -> Waiting {
        Waiting(wait: current, since: wait == nil || wait == current ? since : now)
    }
}
