import Reinforcement

/// Workers by name, over restarts; who is present and who could take work is at hand without asking each of them.
///
/// Whatever changes an entry goes through the subscript, which keeps the sets true: a message costs the same with ten
/// workers and with ten thousand.

struct Roster: Sendable {
    private(set) var entries: [String: CoordinatorState.RosterEntry] = [:]
    private(set) var present: Set<String> = []
    /// Able to work and without a lease, by the policy they hold.
    private(set) var idle: [PolicyVersion: Set<String>] = [:]
    private(set) var quarantined: Set<String> = []

    var count: Int { entries.count }

    subscript(name: String) -> CoordinatorState.RosterEntry? {
        get { entries[name] }
        _modify {
            let before = entries[name]?.place
            defer {
                let after = entries[name]?.place
                if before != after { move(name, from: before, to: after) }
            }
            yield &entries[name]
        }
    }

    /// A worker has said something after its welcome, which changes no set: every message comes by here.
    mutating func hear(_ name: String, at now: Duration) {
        // Where it stands: an entry is large, and would be moved out and in again.
        if let place = entries.index(forKey: name) { entries.values[place].hear(at: now) }
    }

    /// What decides in which sets a worker is.
    struct Place: Sendable, Hashable {
        let isPresent: Bool
        let isQuarantined: Bool
        /// The policy of a worker that could take work; nil for all others.
        let idleWith: PolicyVersion?
    }

    private mutating func move(_ name: String, from before: Place?, to after: Place?) {
        if before?.isPresent != after?.isPresent {
            if after?.isPresent == true { present.insert(name) } else { present.remove(name) }
        }
        if before?.isQuarantined != after?.isQuarantined {
            if after?.isQuarantined == true { quarantined.insert(name) } else { quarantined.remove(name) }
        }
        guard before?.idleWith != after?.idleWith else { return }
        if let version = before?.idleWith {
            idle[version]?.remove(name)
            if idle[version]?.isEmpty == true { idle[version] = nil }
        }
        if let version = after?.idleWith { idle[version, default: []].insert(name) }
    }
}

extension CoordinatorState.RosterEntry {
    var place: Roster.Place {
        Roster.Place(
            isPresent: isPresent, isQuarantined: quarantinedUntil != nil,
            idleWith: isAble && lease == nil ? version : nil)
    }
}
