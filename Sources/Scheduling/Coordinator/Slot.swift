import Reinforcement

/// One assignment of an open round: its accepted groups, its attempts and its failures.
struct Slot: Sendable {
    let assignment: Assignment
    /// The groups accepted so far, by the problem's index in the round.
    private var groups: [Int: TraceGroup] = [:]
    /// All groups in the order of the problems, once the slot is done.
    private(set) var accepted: [TraceGroup]?
    /// Attempts that have not ended, each with the indices of its problems.
    private(set) var out: [(attempt: AttemptID, problems: [Int])] = []
    private var issued = 0
    /// Number of attempts whose worker died or failed, or that did not reach a worker.
    private(set) var failures = 0
    private(set) var expiries = 0
    /// Whether the assignment was given up; the round then continues without the missing groups.
    private(set) var isSetAside = false
    /// Workers that failed this assignment, or whose results for it were rejected; other workers get it
    /// first.
    private var refusedBy: Set<String> = []

    init(_ assignment: Assignment) { self.assignment = assignment }

    var isUnassigned: Bool { !isSetAside && !waiting.isEmpty }

    /// The problems that have no group yet and that no worker holds.
    var waiting: [AssignedProblem] {
        guard accepted == nil else { return [] }
        if out.isEmpty, groups.isEmpty { return assignment.problems }
        guard assignment.isDivisible else { return [] }
        let taken = Set(groups.keys).union(out.flatMap(\.problems))
        return assignment.problems.filter { !taken.contains($0.index) }
    }

    func wasRefused(by worker: String) -> Bool { refusedBy.contains(worker) }

    /// Whether another attempt holds one of these problems.
    func isDoubled(_ attempt: AttemptID, problems: [Int]) -> Bool {
        out.contains { $0.attempt != attempt && !Set($0.problems).isDisjoint(with: problems) }
    }

    /// Registers a new attempt at these problems.
    mutating func issue(_ problems: [AssignedProblem], incarnation: UInt64) -> AttemptID {
        issued += 1
        let attempt = AttemptID(assignment: assignment.id, incarnation: incarnation, number: issued)
        out.append((attempt, problems.map(\.index)))
        return attempt
    }

    mutating func remove(_ attempt: AttemptID) { out.removeAll { $0.attempt == attempt } }
    mutating func refuse(by worker: String) { refusedBy.insert(worker) }
    mutating func recordExpiry() { expiries += 1 }
    mutating func setAside() { isSetAside = true }

    mutating func recordFailure() -> Slot {
        failures += 1
        return self
    }

    /// Accepts groups; the first group of each problem counts.
    ///
    /// - Returns: the attempts that have nothing left to contribute.
    mutating func fill(with new: [TraceGroup]) -> [AttemptID] {
        guard accepted == nil else { return [] }
        for group in new where groups[group.problem.index] == nil { groups[group.problem.index] = group }
        let isWhole = groups.count == assignment.problems.count || isSetAside
        if isWhole { accepted = assignment.problems.compactMap { groups[$0.index] } }
        return out.filter { isWhole || $0.problems.allSatisfy { groups[$0] != nil } }.map(\.attempt)
    }
}
