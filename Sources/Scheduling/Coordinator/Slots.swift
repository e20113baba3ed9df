/// The assignments of a round in order, with counts of those that wait for a worker or for a result.
struct Slots: RandomAccessCollection, Sendable {
    private var all: [Slot]
    /// Which slots are unassigned; kept apart because slots are large, and searching them would take most of
    /// the time.
    private var waits: [Bool]
    /// The number of slots with problems that no worker holds.
    private(set) var unassigned: Int
    /// The number of slots that are not done.
    private(set) var open: Int
    /// No slot before this one is unassigned.
    private var first = 0

    init(_ slots: [Slot]) {
        all = slots
        waits = slots.map(\.isUnassigned)
        unassigned = waits.count { $0 }
        open = slots.count { $0.accepted == nil }
    }

    var startIndex: Int { 0 }
    var endIndex: Int { all.count }

    subscript(index: Int) -> Slot {
        get { all[index] }
        _modify {
            let wasOpen = all[index].accepted == nil
            defer {
                let isUnassigned = all[index].isUnassigned
                unassigned += (isUnassigned ? 1 : 0) - (waits[index] ? 1 : 0)
                waits[index] = isUnassigned
                open += (all[index].accepted == nil ? 1 : 0) - (wasOpen ? 1 : 0)
                if isUnassigned { first = Swift.min(first, index) }
            }
            yield &all[index]
        }
    }

    /// The first unassigned slot that is suitable.
    mutating func nextUnassigned(where isSuitable: (Slot) -> Bool) -> Slot? {
        guard unassigned > 0 else { return nil }
        while first < all.count, !waits[first] { first += 1 }
        for index in first..<all.count where waits[index] && isSuitable(all[index]) {
            return all[index]
        }
        return nil
    }
}
