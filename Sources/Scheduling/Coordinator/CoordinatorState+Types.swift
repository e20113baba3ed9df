import Reinforcement

extension CoordinatorState {
    /// A round being generated.
    struct OpenRound: Sendable {
        let id: RoundID
        let openedAt: Duration
        var slots: Slots

        var isComplete: Bool { slots.open == 0 }

        /// The policies that may generate it.
        var versions: ClosedRange<PolicyVersion> {
            slots.first?.assignment.versions ?? id.version...id.version
        }

        /// Whether its work is handed out before the other's.
        func precedes(_ other: OpenRound) -> Bool {
            if id.step != other.id.step { return id.step < other.id.step }
            return id.purpose != .training && other.id.purpose == .training
        }
    }

    /// One assignment of an open round.
    struct Slot: Sendable {
        let assignment: Assignment
        /// What is used so far, by the problem's place in the round.
        var groups: [Int: TraceGroup] = [:]
        /// All of it, in the order of the problems, once that is there.
        var accepted: [TraceGroup]?
        /// Attempts that have not ended, and the places of the problems that each has.
        var out: [(attempt: AttemptID, problems: [Int])] = []
        var issued = 0
        /// Deaths and failures of workers over it.
        var misfortunes = 0
        /// Given up: its groups are missing from the round.
        var isSetAside = false
        var expiries = 0
        /// Workers that failed it or whose results of it were rejected: others get it next.
        var refusedBy: Set<String> = []

        var outstanding: [AttemptID] { out.map(\.attempt) }
        var isUnassigned: Bool { !isSetAside && !waiting.isEmpty }

        /// Problems that nobody has and whose groups are not there.
        var waiting: [AssignedProblem] {
            guard accepted == nil else { return [] }
            if out.isEmpty, groups.isEmpty { return assignment.problems }
            guard assignment.isDivisible else { return [] }
            let taken = Set(groups.keys).union(out.flatMap(\.problems))
            return assignment.problems.filter { !taken.contains($0.index) }
        }
    }

    /// One attempt that has not ended.
    struct Attempt: Sendable {
        let id: AttemptID
        let worker: String
        /// What was handed out: the slot's assignment, or a part of it.
        let assignment: Assignment
        let issuedAt: Duration
        var deadline: Duration
        var sentAt: Duration
        /// When its result arrived; it is being examined since then.
        var arrivedAt: Duration?
        var tokens = 0
    }

    /// A value behind one reference, so that copying what holds it is cheap.
    final class Shared<Value: Sendable>: Sendable {
        let value: Value
        init(_ value: Value) { self.value = value }
    }

    /// How an attempt ended.
    enum Fate: Sendable, Hashable { case used, ended }

    /// A worker by name, over restarts.
    struct RosterEntry: Sendable {
        /// Large, rarely changed and often carried along: shared.
        private var identity: Shared<Hello>
        /// Fingerprint of the key it has proved to have; nil without keys.
        var key: String?
        /// Where it can be reached; nil while it cannot.
        var peer: PeerID?
        /// Until it is silent too long, or has left and been silent.
        var isPresent = true
        var isLeaving = false
        /// Whether it has said anything after its welcome, as no message of a dead process does.
        var isConfirmed = false
        var lastSeen: Duration
        var version: PolicyVersion?
        /// The attempt it was handed and has not answered.
        var lease: AttemptID?
        var strikes = 0
        var deaths = 0
        var deathsInARow = 0
        var quarantines = 0
        var quarantinedUntil: Duration?
        var results = 0
        var rejected = 0
        /// Results used since it joined or since the last that was rejected.
        var inGoodStanding = 0
        var tokensPerSecond: Double?

        init(hello: Hello, lastSeen: Duration) {
            identity = Shared(hello)
            self.lastSeen = lastSeen
        }

        var hello: Hello {
            get { identity.value }
            set { identity = Shared(newValue) }
        }

        mutating func hear(at now: Duration) {
            lastSeen = now
            isConfirmed = true
        }

        /// A result of it is used; `rate` in tokens a second, nil when it took no time.
        mutating func praise(rate: Double?) {
            results += 1
            inGoodStanding += 1
            strikes = max(0, strikes - 1)
            deathsInARow = 0
            if let rate { tokensPerSecond = tokensPerSecond.map { 0.8 * $0 + 0.2 * rate } ?? rate }
        }

        /// Whether it may be handed work at all.
        var isAble: Bool { isPresent && peer != nil && !isLeaving && quarantinedUntil == nil }
    }
}
