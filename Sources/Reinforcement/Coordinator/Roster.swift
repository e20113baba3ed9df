/// Workers by name, over restarts; who is present and who could take work is at hand without asking each of them.
///
/// Whatever changes an entry goes through the subscript, which keeps both sets true: a message costs the same with ten
/// workers and with ten thousand.
struct Roster: Sendable {
    private(set) var entries: [String: CoordinatorState.RosterEntry] = [:]
    private(set) var present: Set<String> = []
    /// Able to work, and without a lease.
    private(set) var idle: Set<String> = []
    private(set) var quarantined: Set<String> = []

    var count: Int { entries.count }

    subscript(name: String) -> CoordinatorState.RosterEntry? {
        get { entries[name] }
        _modify {
            defer { note(name) }
            yield &entries[name]
        }
    }

    private mutating func note(_ name: String) {
        let entry = entries[name]
        Self.set(&present, name, entry?.isPresent ?? false)
        Self.set(&idle, name, entry.map { $0.isAble && $0.lease == nil } ?? false)
        Self.set(&quarantined, name, entry?.quarantinedUntil != nil)
    }

    private static func set(_ names: inout Set<String>, _ name: String, _ isMember: Bool) {
        if isMember { names.insert(name) } else { names.remove(name) }
    }
}
