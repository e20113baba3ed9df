import Reinforcement

extension SchedulerState {
    mutating func open(_ assignments: [Assignment]) {
        if let flaw = rounds.flaw(in: assignments) {
            fail(.invalidRound(assignments.first?.id.round, reason: flaw))
            return
        }
        guard let id = assignments.first?.id.round else { return }
        if let farewell = phase.farewell {
            outbox.add(.cancel(id, farewell))
            return
        }
        rounds.open(id, setAside.applied(to: assignments), now: now)
        outbox.record(.roundOpened(id, assignments: assignments.count))
    }

    private var mayIssue: Bool { phase == .running && failure == nil && roster.hasIdle }

    /// Hands each idle worker the first suitable slot that waits.
    mutating func dispatch() {
        guard mayIssue else { return }
        let waiting = rounds.open.filter { $0.slots.unassigned > 0 }.map(\.versions)
        guard !waiting.isEmpty else { return }
        for name in roster.idleNames(with: { version in waiting.contains { $0.contains(version) } }) {
            guard let version = roster[name]?.version, let slot = nextUnassigned(for: name, version: version)
            else { continue }
            issue(pace.share(of: slot, rate: roster[name]?.tokensPerSecond), to: name)
        }
    }

    private mutating func nextUnassigned(for name: String, version: PolicyVersion) -> Slot? {
        // A function of its own: while this copy of the roster lived, `issue` would copy every entry to change one.
        let workers = roster
        return rounds.nextUnassigned(version: version) { slot in
            !slot.wasRefused(by: name) || !workers.hasAble { !slot.wasRefused(by: $0) }
        }
    }

    /// Hands late and slow attempts to idle workers as well, when these workers have nothing else to do.
    mutating func doubleStragglers() {
        guard now >= stragglersDue, mayIssue, !rounds.open.isEmpty else { return }
        // Searched at intervals: a slow worker stays slow for seconds, and each search visits every attempt
        // that is out.
        stragglersDue = now + configuration.stragglerMinimum / 2
        var slow = rounds.open.flatMap { stragglers(of: $0) }
        guard !slow.isEmpty else { return }
        slow.sort { ($0.attempt.issuedAt, $0.attempt.id) < ($1.attempt.issuedAt, $1.attempt.id) }
        // The fastest workers come first: a slower worker cannot finish sooner what they cannot.
        var exhausted: Set<PolicyVersion> = []
        for name in roster.idleNames(with: { _ in true }) {
            guard let version = roster[name]?.version, !exhausted.contains(version) else { continue }
            let matching = rounds.open.filter { $0.versions.contains(version) }
            guard !matching.contains(where: { $0.slots.unassigned > 0 }) else { continue }
            let rate = roster[name]?.tokensPerSecond
            let place = slow.firstIndex { straggler in
                straggler.attempt.worker != name && straggler.isBeaten(by: rate)
                    && matching.contains { $0.id == straggler.attempt.id.assignment.round }
            }
            guard let place else {
                exhausted.insert(version)
                continue
            }
            let straggler = slow.remove(at: place).attempt
            issue(straggler.assignment, to: name, straggler: straggler.worker)
        }
    }

    private func stragglers(of round: OpenRound) -> [Pace.Straggler] {
        guard round.slots.open > 0 else { return [] }
        let overdue =
            pace.medianDuration(round.id.purpose).map {
                max(configuration.stragglerMinimum, $0 * configuration.stragglerFactor)
            } ?? configuration.straggler
        return round.slots.flatMap { slot -> [Pace.Straggler] in
            guard slot.accepted == nil, !slot.isSetAside else { return [] }
            return slot.out.compactMap { out in
                guard let attempt = leases[out.attempt], attempt.arrivedAt == nil,
                    let straggler = pace.straggler(
                        attempt, rate: roster[attempt.worker]?.tokensPerSecond, out: now - attempt.issuedAt,
                        overdue: overdue, minimum: configuration.stragglerMinimum)
                else { return nil }
                return slot.isDoubled(out.attempt, problems: out.problems) ? nil : straggler
            }
        }
    }

    /// - Parameter straggler: the slow worker that already holds the same assignment.
    private mutating func issue(_ assignment: Assignment, to name: String, straggler: String? = nil) {
        let incarnation = configuration.stamp.incarnation
        guard let peer = roster[name]?.peer, let slot = rounds[assignment.id],
            let id = rounds.update(
                assignment.id, { $0.issue(assignment.problems, incarnation: incarnation) })
        else { return }
        // A lease that expires doubles the next time, so that slow workers can finish.
        leases.add(
            Attempt(
                id: id, worker: name, assignment: assignment, issuedAt: now, sentAt: now, offeredAt: now,
                deadline: now + configuration.lease * (1 << min(slot.expiries, 16))))
        roster[name]?.lease = id
        ledger.issue(speculative: straggler != nil)
        if let straggler { outbox.record(.attemptDoubled(id, worker: name, straggler: straggler)) }
        outbox.send(.assignment(id, assignment), to: peer)
    }
}
