import Reinforcement

extension CoordinatorState {
    /// The first contradiction between the ledger, attempts, slots and leases; nil, always, but for a bug of this type.
    package var inconsistency: String? {
        if !ledger.closes { return "the ledger does not close: \(ledger)" }
        if ledger.outstanding != attempts.count {
            return "\(ledger.outstanding) attempts are outstanding, \(attempts.count) are known"
        }
        for (id, attempt) in attempts where slot(of: id)?.outstanding.contains(id) != true {
            return "\(id) of \(attempt.worker) is out, and its slot does not know it"
        }
        for (name, entry) in roster.entries {
            guard let lease = entry.lease else { continue }
            guard let attempt = attempts[lease], attempt.worker == name, attempt.arrivedAt == nil else {
                return "\(name) has a lease on \(lease), which is not out with it"
            }
        }
        if let flaw = contradictoryCounts { return flaw }
        for round in rounds {
            for slot in round.slots where slot.accepted != nil && !slot.outstanding.isEmpty {
                return "\(slot.assignment.id) has its result, and attempts that are out"
            }
        }
        return nil
    }

    /// What is kept at hand, counted again.
    private var contradictoryCounts: String? {
        for round in rounds
        where round.slots.unassigned != round.slots.count(where: \.isUnassigned)
            || round.slots.open != round.slots.count(where: { $0.accepted == nil })
        {
            return "the \(round.id) has other slots than it counts"
        }
        var idle: [PolicyVersion: Set<String>] = [:]
        for (name, entry) in roster.entries {
            if let version = entry.place.idleWith { idle[version, default: []].insert(name) }
        }
        if roster.idle != idle { return "\(roster.idle) are called idle, \(idle) are" }
        let present = roster.entries.filter(\.value.isPresent).keys
        if roster.present != Set(present) {
            return "\(roster.present.count) workers are called present, \(present.count) are"
        }
        return nil
    }
}
