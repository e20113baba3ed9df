package import Reinforcement

/// One attempt that has not ended.
struct Attempt: Sendable {
    let id: AttemptID
    let worker: String
    /// The work that was handed out: the slot's assignment, or a part of it.
    let assignment: Assignment
    fileprivate(set) var issuedAt: Duration
    /// When it was last sent.
    fileprivate(set) var sentAt: Duration
    /// When it was first sent on the worker's present connection.
    fileprivate(set) var offeredAt: Duration
    fileprivate(set) var deadline: Duration
    /// Whether the coordinator was stopped while the attempt was out; its duration then says nothing about
    /// the worker.
    fileprivate(set) var isInterrupted = false
    /// When its result arrived and its examination began; nil until then.
    fileprivate(set) var arrivedAt: Duration?
    /// Response tokens in its result.
    fileprivate(set) var tokens = 0

    /// Time from issue to the arrival of the result; nil before that, and when it cannot be measured.
    var duration: Duration? { isInterrupted ? nil : arrivedAt.map { $0 - issuedAt } }
}

/// The attempts that are out with workers or being examined.
struct Leases: Sendable {
    private var attempts: [AttemptID: Attempt] = [:]
    /// Earliest time at which a deadline can expire; no search is needed before it.
    private var due = Duration.zero

    subscript(id: AttemptID) -> Attempt? { attempts[id] }
    var count: Int { attempts.count }
    var all: Dictionary<AttemptID, Attempt>.Values { attempts.values }

    mutating func add(_ attempt: Attempt) {
        attempts[attempt.id] = attempt
        due = min(due, attempt.deadline)
    }

    mutating func remove(_ id: AttemptID) { attempts[id] = nil }

    mutating func arrive(_ id: AttemptID, tokens: Int, at now: Duration) {
        attempts[id]?.arrivedAt = now
        attempts[id]?.tokens = tokens
    }

    mutating func resend(_ id: AttemptID, at now: Duration) { attempts[id]?.sentAt = now }

    /// Records that the attempt's worker has said HELLO again.
    mutating func offerAgain(_ id: AttemptID, at now: Duration) { attempts[id]?.offeredAt = now }

    /// The attempts whose deadline has passed, in the order of their ids.
    ///
    /// - Parameter lease: the longest time until the next search, also when no attempt is out.
    mutating func expired(at now: Duration, lease: Duration) -> [AttemptID] {
        guard now >= due else { return [] }
        let out = attempts.values.filter { $0.arrivedAt == nil }
        due = out.lazy.map(\.deadline).filter { $0 > now }.min().map { min($0, now + lease) } ?? now + lease
        return out.filter { $0.deadline <= now }.map(\.id).sorted()
    }

    /// Moves deadlines by a time in which the coordinator did not listen.
    ///
    /// An attempt whose result has already arrived keeps its times.
    mutating func extendDeadlines(by gap: Duration) {
        attempts = attempts.mapValues { attempt in
            guard attempt.arrivedAt == nil else { return attempt }
            var attempt = attempt
            attempt.issuedAt += gap
            attempt.sentAt += gap
            attempt.offeredAt += gap
            attempt.deadline += gap
            attempt.isInterrupted = true
            return attempt
        }
    }
}

extension AttemptID: Comparable {
    /// Orders by place in the run, so that nothing depends on the order of a hash table.
    package static func < (left: AttemptID, right: AttemptID) -> Bool {
        left.sortKey.lexicographicallyPrecedes(right.sortKey)
    }

    private var sortKey: [Int] {
        [
            Int(truncatingIfNeeded: incarnation), assignment.round.step,
            Int(assignment.round.purpose.stream.rawValue), assignment.index, number,
        ]
    }
}
