import Reinforcement

/// The workers by name, which restarts keep, and their connections.
///
/// Every change of an entry goes through the subscript, which keeps the sets of workers that are present, idle or in
/// quarantine up to date: a message costs the same with ten workers and with ten thousand.
struct Roster: Sendable {
    private(set) var entries: [String: RosterEntry] = [:]
    private var present: Set<String> = []
    /// Workers that can take work and have no lease, by the policy that they hold.
    private var idle: [PolicyVersion: Set<String>] = [:]
    private var quarantined: Set<String> = []
    private var names: [PeerID: String] = [:]
    /// Earliest time at which a worker can have been silent too long; no search is needed before it.
    private var silenceDue = Duration.zero

    var presentCount: Int { present.count }
    /// Names of the present workers in alphabetical order.
    var presentNames: [String] { present.sorted() }
    var hasIdle: Bool { !idle.isEmpty }

    func name(of peer: PeerID) -> String? { names[peer] }

    subscript(name: String) -> RosterEntry? {
        get { entries[name] }
        _modify {
            let before = entries[name]?.standing
            defer {
                let after = entries[name]?.standing
                if before != after { move(name, from: before, to: after) }
            }
            yield &entries[name]
        }
    }

    /// Idle workers that hold a wanted policy, the fastest first.
    func idleNames(with isWanted: (PolicyVersion) -> Bool) -> [String] {
        let names = idle.filter { isWanted($0.key) }.flatMap(\.value)
        guard names.count > 1 else { return names }
        return names.map { (name: $0, rate: entries[$0]?.tokensPerSecond ?? 0) }.sorted {
            $0.rate == $1.rate ? $0.name < $1.name : $0.rate > $1.rate
        }.map(\.name)
    }

    /// Whether any worker that satisfies the condition can take work, now or soon.
    func hasAble(where isSuitable: (String) -> Bool) -> Bool {
        entries.contains { $0.value.isAble && isSuitable($0.key) }
    }

    /// Records that a worker has sent a message after its welcome.
    mutating func hear(_ name: String, at now: Duration) {
        // Edited in place, because every message takes this path, no set changes, and a copy of an entry is
        // expensive.
        if let place = entries.index(forKey: name) { entries.values[place].lastSeen = now }
    }

    // MARK: - Connections

    /// Links a worker and a connection; a worker has one connection, and a connection leads to one worker.
    mutating func connect(_ hello: Hello, _ peer: PeerID, at now: Duration) {
        let name = hello.name
        if let old = entries[name]?.peer, old != peer { names[old] = nil }
        if let other = names[peer], other != name { self[other]?.peer = nil }
        names[peer] = name
        self[name]?.hello = hello
        self[name]?.key = peer.key
        self[name]?.peer = peer
        self[name]?.lastSeen = now
        self[name]?.isPresent = true
        self[name]?.isLeaving = false
    }

    /// - Returns: the worker that used the connection; nil when there was no worker.
    mutating func disconnect(_ peer: PeerID) -> String? {
        guard let name = names.removeValue(forKey: peer) else { return nil }
        self[name]?.peer = nil
        return name
    }

    /// Removes the worker that has been gone longest when the roster is full.
    mutating func makeRoom(_ limit: Int) {
        guard entries.count >= limit else { return }
        let gone = entries.filter { !$0.value.isPresent }
        let oldest = gone.min { ($0.value.lastSeen, $0.key) < ($1.value.lastSeen, $1.key) }
        if let oldest { self[oldest.key] = nil }
    }

    // MARK: - Time

    /// Workers that have been silent too long, in alphabetical order.
    mutating func silent(at now: Duration, limit: Duration) -> [String] {
        guard now >= silenceDue else { return [] }
        let seen = present.compactMap { name in entries[name].map { (name, at: $0.lastSeen) } }
        silenceDue = (seen.map(\.at).filter { now - $0 < limit }.min() ?? now) + limit
        return seen.filter { now - $0.at >= limit }.map(\.0).sorted()
    }

    /// Marks a silent worker as gone until it says HELLO again.
    mutating func lose(_ name: String) {
        if let peer = entries[name]?.peer { names[peer] = nil }
        self[name]?.lose()
    }

    /// Workers whose quarantine has ended, in alphabetical order.
    func released(at now: Duration) -> [String] {
        quarantined.filter { entries[$0]?.quarantinedUntil.map { $0 <= now } ?? false }.sorted()
    }

    /// Moves deadlines by a time in which the coordinator did not listen.
    mutating func extendDeadlines(by gap: Duration) {
        for name in present { entries[name]?.lastSeen += gap }
    }

    // MARK: - Sets

    fileprivate struct Standing: Hashable {
        let isPresent: Bool
        let isQuarantined: Bool
        /// The policy of a worker that can take work; nil for every other worker.
        let idleWith: PolicyVersion?
    }

    private mutating func move(_ name: String, from before: Standing?, to after: Standing?) {
        if after?.isPresent == true { present.insert(name) } else { present.remove(name) }
        if after?.isQuarantined == true { quarantined.insert(name) } else { quarantined.remove(name) }
        guard before?.idleWith != after?.idleWith else { return }
        if let version = before?.idleWith {
            idle[version]?.remove(name)
            if idle[version]?.isEmpty == true { idle[version] = nil }
        }
        if let version = after?.idleWith { idle[version, default: []].insert(name) }
    }

    /// The first set or count that disagrees with the entries; nil unless this type has a bug.
    var inconsistency: String? {
        var counted: [PolicyVersion: Set<String>] = [:]
        for (name, entry) in entries {
            guard (0...entry.deaths).contains(entry.deathsInARow) else {
                return "\(name) died \(entry.deaths) times, \(entry.deathsInARow) in a row"
            }
            if let version = entry.standing.idleWith { counted[version, default: []].insert(name) }
        }
        if idle != counted { return "\(idle) are called idle, \(counted) are" }
        let here = Set(entries.filter(\.value.isPresent).keys)
        return present == here ? nil : "\(present.count) workers are called present, \(here.count) are"
    }
}

extension RosterEntry {
    fileprivate var standing: Roster.Standing {
        Roster.Standing(
            isPresent: isPresent, isQuarantined: quarantinedUntil != nil,
            idleWith: isAble && lease == nil ? version : nil)
    }
}
