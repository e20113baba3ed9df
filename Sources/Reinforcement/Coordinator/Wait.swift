/// What a coordinator waits for.
package enum Wait: Sendable, Hashable {
    /// Nobody is connected.
    case worker
    /// Everyone who is connected is in quarantine or about to leave.
    case ableWorker([String])
    /// A round is open for a version that is not published.
    case publication(PolicyVersion)
    /// No connected worker holds the version yet.
    case weights(PolicyVersion, workers: [String])
    /// Results that are out, and who generates them.
    case results(RoundID, assignments: Int, workers: [String])
    /// Results that arrived and are being scored and audited.
    case examination(RoundID, assignments: Int)
    case activity(CoordinatorState.Activity)
    case farewell([String])
    case nothing
}

/// What a coordinator waits for, and how long nothing about it has changed.
package struct Waiting: Sendable, Hashable {
    package let wait: Wait
    package let since: Duration

    package init(wait: Wait, since: Duration) {
        self.wait = wait
        self.since = since
    }
}
