import Reinforcement

/// One assignment of an open round: what of it is used, which attempts are out, and how often it went wrong.
struct Slot: Sendable {
    let assignment: Assignment
    /// The groups that are used so far, by the problem's place in the round.
    private var groups: [Int: TraceGroup] = [:]
    /// All groups, in the order of the problems, once nothing more is waited for.
    private(set) var accepted: [TraceGroup]?
    /// Attempts that have not ended, and the places of the problems that each has.
    private(set) var out: [(attempt: AttemptID, problems: [Int])] = []
    private var issued = 0
    /// Attempts over which a worker died or failed, or that did not reach a worker.
    private(set) var failures = 0
    private(set) var expiries = 0
    /// Given up: the round goes on without the groups that are missing.
    private(set) var isSetAside = false
    /// Workers that failed it or whose results of it were rejected: other workers get it next.
    private var refusedBy: Set<String> = []

    init(_ assignment: Assignment) { self.assignment = assignment }

    var isUnassigned: Bool { !isSetAside && !waiting.isEmpty }

    /// The problems that no worker has and whose groups are not there.
    var waiting: [AssignedProblem] {
        guard accepted == nil else { return [] }
        if out.isEmpty, groups.isEmpty { return assignment.problems }
        guard assignment.isDivisible else { return [] }
        let taken = Set(groups.keys).union(out.flatMap(\.problems))
        return assignment.problems.filter { !taken.contains($0.index) }
    }

    func wasRefused(by worker: String) -> Bool { refusedBy.contains(worker) }

    /// Whether another attempt has a problem of this one.
    func isDoubled(_ attempt: AttemptID, problems: [Int]) -> Bool {
        out.contains { $0.attempt != attempt && !Set($0.problems).isDisjoint(with: problems) }
    }

    /// Counts a new attempt at these problems.
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

    /// Takes groups in, the first one of each problem.
    ///
    /// - Returns: the attempts that have nothing left to add.
    mutating func fill(with new: [TraceGroup]) -> [AttemptID] {
        guard accepted == nil else { return [] }
        for group in new where groups[group.problem.index] == nil { groups[group.problem.index] = group }
        let isWhole = groups.count == assignment.problems.count || isSetAside
        if isWhole { accepted = assignment.problems.compactMap { groups[$0.index] } }
        return out.filter { isWhole || $0.problems.allSatisfy { groups[$0] != nil } }.map(\.attempt)
    }
}
