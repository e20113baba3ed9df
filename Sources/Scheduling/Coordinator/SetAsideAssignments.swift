import Reasoning
import Reinforcement

/// Assignments that were given up because attempts at them failed again and again, also by earlier incarnations of the
/// coordinator, the latest last.
struct SetAsideAssignments: Sendable {
    private(set) var all: [CoordinatorReport.SetAside]
    private static let limit = 256

    init(_ all: [CoordinatorReport.SetAside] = []) { self.all = all }

    mutating func add(_ aside: CoordinatorReport.SetAside) { all = all.suffix(Self.limit - 1) + [aside] }

    /// The slots of a round, with those set aside that an earlier incarnation gave up.
    ///
    /// So the round ends with the same groups, and no worker dies of them again. A round that was given up whole is tried
    /// again, because then the workers were to blame.
    mutating func applied(to assignments: [Assignment]) -> [Slot] {
        let slots = assignments.map { Slot($0) }
        if all.isEmpty { return slots }
        let given = Dictionary(all.map { ($0.assignment, $0.problems) }, uniquingKeysWith: { $1 })
        func isGiven(_ assignment: Assignment) -> Bool {
            // A changed configuration may cut the round into other assignments.
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
