import DequeModule
import Reinforcement

/// A round that is being generated.
struct OpenRound: Sendable {
    let id: RoundID
    let openedAt: Duration
    fileprivate(set) var slots: Slots

    /// The policies that may generate the round.
    var versions: ClosedRange<PolicyVersion> { slots.first?.assignment.versions ?? id.version...id.version }

    /// The groups of all assignments, in the order of the problems.
    var groups: [TraceGroup] { slots.flatMap { $0.accepted ?? [] } }

    /// Whether this round's work is handed out before the other round's.
    ///
    /// The learner waits for the earliest step, and an evaluation blocks the learner.
    fileprivate func precedes(_ other: OpenRound) -> Bool {
        if id.step != other.id.step { return id.step < other.id.step }
        return id.purpose != .training && other.id.purpose == .training
    }
}

/// How an attempt ended.
enum AttemptOutcome: Sendable, Hashable { case used, unused }

/// The open rounds in the order in which their work is handed out, and how the attempts of recent rounds ended.
struct Rounds: Sendable {
    private(set) var open: [OpenRound] = []
    /// The most recently closed rounds, the newest last.
    private var closed: Deque<RoundID> = []
    /// Outcomes of the attempts of the open rounds and of the rounds in `closed`.
    private var outcomes: [AttemptID: AttemptOutcome] = [:]
    private static let memory = 16

    subscript(id: AssignmentID) -> Slot? { place(of: id).map { open[$0.round].slots[$0.slot] } }

    /// Changes a slot in place; does nothing when its round is not open.
    @discardableResult
    mutating func update<Result>(_ id: AssignmentID, _ change: (inout Slot) -> Result) -> Result? {
        guard let (round, slot) = place(of: id) else { return nil }
        return change(&open[round].slots[slot])
    }

    private func place(of id: AssignmentID) -> (round: Int, slot: Int)? {
        guard let round = open.firstIndex(where: { $0.id == id.round }),
            open[round].slots.indices.contains(id.index)
        else { return nil }
        return (round, id.index)
    }

    /// The reason why these assignments do not form a valid round; nil for a valid round.
    func flaw(in assignments: [Assignment]) -> String? {
        guard let first = assignments.first else { return "it has no assignments" }
        let round = first.id.round
        if closed.contains(round) || open.contains(where: { $0.id == round }) {
            return "it was opened before"
        }
        guard assignments.map(\.id) == assignments.indices.map({ AssignmentID(round: round, index: $0) })
        else { return "its assignments are not numbered 0 to \(assignments.count - 1) in one round" }
        let problems = assignments.flatMap { $0.problems.map(\.index) }
        guard zip(problems, problems.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return "its problems' indices do not rise"
        }
        guard assignments.allSatisfy({ $0.samples >= 1 && !$0.problems.isEmpty }) else {
            return "an assignment has no samples"
        }
        guard assignments.allSatisfy({ $0.oldest == first.oldest }) else {
            return "its assignments admit different policies"
        }
        return nil
    }

    mutating func open(_ id: RoundID, _ slots: [Slot], now: Duration) {
        let round = OpenRound(id: id, openedAt: now, slots: Slots(slots))
        open.insert(round, at: open.firstIndex { round.precedes($0) } ?? open.endIndex)
    }

    /// The first suitable slot that waits for a worker with this policy.
    mutating func nextUnassigned(version: PolicyVersion, where isSuitable: (Slot) -> Bool) -> Slot? {
        for place in open.indices
        where open[place].slots.unassigned > 0 && open[place].versions.contains(version) {
            if let slot = open[place].slots.nextUnassigned(where: isSuitable) { return slot }
        }
        return nil
    }

    /// Takes an ended attempt from its slot and remembers how it ended.
    mutating func end(_ attempt: AttemptID, _ outcome: AttemptOutcome) {
        outcomes[attempt] = outcome
        update(attempt.assignment) { $0.remove(attempt) }
    }

    /// The reason why a result is late when its attempt is not out.
    func lateness(of id: AttemptID) -> LateReason {
        switch outcomes[id] {
        case .used: return .duplicate
        case .unused: return .ended
        case nil:
            // Outcomes of older rounds are not kept. An attempt of a later round was never issued.
            let isPast = id.assignment.round.step <= (closed.last?.step ?? -1)
            return isPast && place(of: id.assignment) == nil ? .ended : .unknownAttempt
        }
    }

    /// Removes a round whose slots are all done.
    ///
    /// - Returns: the round; nil while a slot is open.
    mutating func closeIfComplete(_ id: RoundID) -> OpenRound? {
        guard let place = open.firstIndex(where: { $0.id == id && $0.slots.open == 0 }) else { return nil }
        let round = open.remove(at: place)
        closed.append(id)
        if closed.count > Self.memory {
            closed.removeFirst(closed.count - Self.memory)
            let remembered = Set(closed).union(open.map(\.id))
            outcomes = outcomes.filter { remembered.contains($0.key.assignment.round) }
        }
        return round
    }

    /// Closes every round and discards its groups.
    mutating func cancelAll() -> [RoundID] {
        defer { open = [] }
        return open.map(\.id)
    }

    /// The first disagreement between the slots and their counts; nil unless this type has a bug.
    var inconsistency: String? {
        for round in open {
            if round.slots.unassigned != round.slots.count(where: \.isUnassigned)
                || round.slots.open != round.slots.count(where: { $0.accepted == nil })
            {
                return "the \(round.id) has other slots than it counts"
            }
            for slot in round.slots where slot.accepted != nil && !slot.out.isEmpty {
                return "\(slot.assignment.id) is done and has attempts that are out"
            }
        }
        return nil
    }
}
