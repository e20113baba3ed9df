import Reinforcement

extension CoordinatorState {
    mutating func open(_ assignments: [Assignment], now: Duration, _ actions: inout [Action]) {
        if let reason = whyInvalid(assignments) {
            fail(.invalidRound(assignments.first?.id.round, reason: reason), &actions)
            return
        }
        guard case .running = phase, let id = assignments.first?.id.round else { return }
        let slots = withoutSetAside(assignments.map { Slot(assignment: $0) })
        let round = OpenRound(id: id, openedAt: now, slots: Slots(slots))
        // The learner waits for the earliest step, and measuring keeps it from learning.
        let place = rounds.firstIndex { round.precedes($0) } ?? rounds.endIndex
        rounds.insert(round, at: place)
        actions.append(.record(.roundOpened(id, assignments: assignments.count)))
    }

    private func whyInvalid(_ assignments: [Assignment]) -> String? {
        guard let round = assignments.first?.id.round else { return "it has no assignments" }
        if closedRounds.contains(round) || rounds.contains(where: { $0.id == round }) {
            return "it was opened before"
        }
        guard assignments.map(\.id) == assignments.indices.map({ AssignmentID(round: round, index: $0) })
        else { return "its assignments are not numbered 0 to \(assignments.count - 1) in one round" }
        let problems = assignments.flatMap { $0.problems.map(\.index) }
        guard zip(problems, problems.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return "its problems' indices do not rise"
        }
        guard assignments.allSatisfy({ $0.samples >= 1 && !$0.problems.isEmpty }) else {
            return "an assignment has no samples"
        }
        guard assignments.allSatisfy({ $0.oldest == assignments.first?.oldest }) else {
            return "its assignments admit different policies"
        }
        return nil
    }

    /// Hands every idle worker the first slot that waits.
    mutating func dispatch(now: Duration, _ actions: inout [Action]) {
        guard mayIssue else { return }
        let hungry = rounds.filter { $0.slots.unassigned > 0 }.map(\.versions)
        guard !hungry.isEmpty else { return }
        for name in idleNames(with: { version in hungry.contains { $0.contains(version) } }) {
            guard let version = roster[name]?.version,
                let slot = nextUnassigned(for: name, version: version)
            else { continue }
            issue(slot, to: name, twin: nil, now: now, &actions)
        }
    }

    private var mayIssue: Bool {
        guard case .running = phase else { return false }
        return failure == nil && !roster.idle.isEmpty
    }

    /// Able workers without a lease that hold one of these policies, the fastest first.
    private func idleNames(with isWanted: (PolicyVersion) -> Bool) -> [String] {
        let names = roster.idle.filter { isWanted($0.key) }.flatMap(\.value)
        guard names.count > 1 else { return names }
        return names.map { (name: $0, rate: roster[$0]?.tokensPerSecond ?? 0) }.sorted {
            $0.rate == $1.rate ? $0.name < $1.name : $0.rate > $1.rate
        }.map(\.name)
    }

    private mutating func nextUnassigned(for name: String, version: PolicyVersion) -> AssignmentID? {
        for place in rounds.indices
        where rounds[place].slots.unassigned > 0 && rounds[place].versions.contains(version) {
            let workers = roster
            let slot = rounds[place].slots.nextUnassigned { slot in
                !slot.refusedBy.contains(name) || !Self.othersAreAble(for: slot, workers)
            }
            if let slot { return slot.assignment.id }
        }
        return nil
    }

    /// Whether someone who has not failed this slot could take it, now or soon.
    private static func othersAreAble(for slot: Slot, _ roster: Roster) -> Bool {
        roster.entries.contains { $0.value.isAble && !slot.refusedBy.contains($0.key) }
    }

    /// Gives what is out too long, or with too slow a worker, to idle workers as well, once nothing else is left for them.
    mutating func doubleStragglers(now: Duration, _ actions: inout [Action]) {
        guard now >= stragglersDue, mayIssue, !rounds.isEmpty else { return }
        // Whoever is slow is slow for seconds, and looking through all that is out costs as much as there is.
        stragglersDue = now + configuration.stragglerMinimum / 2
        var slow = rounds.flatMap { slowAttempts(of: $0, now: now) }
        guard !slow.isEmpty else { return }
        slow.sort { ($0.attempt.issuedAt, $0.attempt.id) < ($1.attempt.issuedAt, $1.attempt.id) }
        // The fastest come first: what none of them would finish sooner, none of the others would.
        var exhausted: Set<PolicyVersion> = []
        for name in idleNames(with: { _ in true }) {
            guard let version = roster[name]?.version, !exhausted.contains(version) else { continue }
            let matching = rounds.filter { $0.versions.contains(version) }
            guard !matching.contains(where: { $0.slots.unassigned > 0 }) else { continue }
            let pace = roster[name]?.tokensPerSecond
            let place = slow.firstIndex { straggler in
                straggler.attempt.worker != name && straggler.isBeaten(by: pace)
                    && matching.contains { $0.id == straggler.attempt.id.assignment.round }
            }
            guard let place else {
                exhausted.insert(version)
                continue
            }
            let straggler = slow.remove(at: place).attempt
            issue(straggler.id.assignment, to: name, twin: straggler, now: now, &actions)
        }
    }

    private mutating func issue(
        _ id: AssignmentID, to name: String, twin: Attempt?, now: Duration, _ actions: inout [Action]
    ) {
        guard let place = place(of: id), let peer = roster[name]?.peer else { return }
        rounds[place.round].slots[place.slot].issued += 1
        let slot = rounds[place.round].slots[place.slot]
        let attempt = AttemptID(assignment: id, epoch: configuration.stamp.epoch, number: slot.issued)
        let assignment = twin?.assignment ?? share(of: slot, for: name)
        rounds[place.round].slots[place.slot].out.append((attempt, assignment.problems.map(\.index)))
        attempts[attempt] = Attempt(
            id: attempt, worker: name, assignment: assignment, issuedAt: now,
            deadline: now + configuration.lease * (1 << min(slot.expiries, 16)), sentAt: now)
        roster[name]?.lease = attempt
        leaseDue = min(leaseDue, attempts[attempt]?.deadline ?? leaseDue)
        ledger.issue(speculative: twin != nil)
        if let twin {
            actions.append(.record(.attemptDoubled(attempt, worker: name, straggler: twin.worker)))
        }
        send(.assignment(attempt, assignment), to: peer, &actions)
    }
}
