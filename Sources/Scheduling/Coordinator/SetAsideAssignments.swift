import Reasoning
import Reinforcement

/// Assignments that were given up after too many failed attempts, oldest first.
///
/// Those of earlier incarnations of the coordinator are included.
struct SetAsideAssignments: Sendable {
    private(set) var all: [CoordinatorReport.SetAside]
    private static let limit = 256

    init(_ all: [CoordinatorReport.SetAside] = []) { self.all = all }

    mutating func add(_ aside: CoordinatorReport.SetAside) { all = all.suffix(Self.limit - 1) + [aside] }

    /// The slots of a round, where the assignments that an earlier incarnation gave up are set aside.
    ///
    /// The round then ends with the same groups, and these assignments kill no more workers. A round of which
    /// every assignment was given up is tried again, because then the workers were the cause.
    mutating func applied(to assignments: [Assignment]) -> [Slot] {
        let slots = assignments.map { Slot($0) }
        if all.isEmpty { return slots }
        let given = Dictionary(all.map { ($0.assignment, $0.problems) }, uniquingKeysWith: { $1 })
        func isGiven(_ assignment: Assignment) -> Bool {
            // A changed configuration may divide the round into other assignments.
            given["\(assignment.id)"] == assignment.problems.map(\.problem.id)
        }
        guard !assignments.allSatisfy(isGiven) else {
            let names = Set(assignments.map { "\($0.id)" })
            all.removeAll { names.contains($0.assignment) }
            return slots
        }
        return slots.map { slot in
            guard isGiven(slot.assignment) else { return slot }
            var slot = slot
            slot.setAside()
            _ = slot.fill(with: [])
            return slot
        }
    }
}
