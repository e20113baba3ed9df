extension CoordinatorState {
    /// A round being generated.
    struct OpenRound: Sendable {
        let id: RoundID
        let openedAt: Duration
        var slots: [Slot]

        var isComplete: Bool { slots.allSatisfy { $0.accepted != nil } }
    }

    /// One assignment of an open round.
    struct Slot: Sendable {
        let assignment: Assignment
        var accepted: [TraceGroup]?
        var outstanding: [AttemptID] = []
        var issued = 0
        /// Deaths and failures of workers over it.
        var misfortunes = 0
        var expiries = 0
        /// Workers that failed it or whose results of it were rejected, so that others get it next.
        var refusedBy: Set<String> = []
    }

    /// One attempt that has not ended.
    struct Attempt: Sendable {
        let id: AttemptID
        let worker: String
        let issuedAt: Duration
        let deadline: Duration
        var sentAt: Duration
        /// When its result arrived; examined since then.
        var arrivedAt: Duration?
        var tokens = 0
    }

    /// How an attempt ended.
    enum Fate: Sendable, Hashable { case used, ended }

    /// A worker by name, over restarts.
    struct RosterEntry: Sendable {
        var hello: Hello
        /// Nil while it is gone.
        var peer: PeerID?
        var connectedAt: Duration
        var lastSeen: Duration
        var version: PolicyVersion?
        var lease: AttemptID?
        var isLeaving = false
        var strikes = 0
        var deaths = 0
        var deathsInARow = 0
        var quarantines = 0
        var quarantinedUntil: Duration?
        var results = 0
        var rejected = 0
        var tokensPerSecond: Double?
    }
}
