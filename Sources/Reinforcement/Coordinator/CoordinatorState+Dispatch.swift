extension CoordinatorState {
    mutating func open(_ assignments: [Assignment], now: Duration, _ actions: inout [Action]) {
        if let reason = whyInvalid(assignments) {
            fail(.invalidRound(assignments.first?.id.round, reason: reason), &actions)
            return
        }
        guard case .running = phase, let id = assignments.first?.id.round else { return }
        let round = OpenRound(id: id, openedAt: now, slots: assignments.map { Slot(assignment: $0) })
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

    /// Hands every idle worker the first slot that waits, then doubles stragglers.
    mutating func dispatch(now: Duration, _ actions: inout [Action]) {
        guard case .running = phase, failure == nil, !rounds.isEmpty else { return }
        for name in idleNames {
            guard let version = roster[name]?.version else { continue }
            if let slot = nextUnassigned(for: name, version: version) {
                issue(slot, to: name, straggler: nil, now: now, &actions)
            } else if let straggler = straggler(for: name, version: version, now: now) {
                issue(straggler.id.assignment, to: name, straggler: straggler.worker, now: now, &actions)
            }
        }
    }

    /// Able workers without a lease, the fastest first.
    private var idleNames: [String] {
        let idle = roster.filter { $0.value.isAble && $0.value.lease == nil }
        return idle.keys.sorted { left, right in
            let rates = (idle[left]?.tokensPerSecond ?? 0, idle[right]?.tokensPerSecond ?? 0)
            return rates.0 == rates.1 ? left < right : rates.0 > rates.1
        }
    }

    private func nextUnassigned(for name: String, version: PolicyVersion) -> AssignmentID? {
        for round in rounds where round.versions.contains(version) {
            for slot in round.slots where slot.isUnassigned {
                if slot.refusedBy.contains(name), othersAreAble(for: slot) { continue }
                return slot.assignment.id
            }
        }
        return nil
    }

    /// Whether someone who has not failed this slot could take it, now or soon.
    private func othersAreAble(for slot: Slot) -> Bool {
        roster.contains { $0.value.isAble && !slot.refusedBy.contains($0.key) }
    }

    /// The attempt out longest among those that are out too long and have no double, once no slot is unassigned.
    private func straggler(for name: String, version: PolicyVersion, now: Duration) -> Attempt? {
        let matching = rounds.filter { $0.versions.contains(version) }
        guard !matching.contains(where: { $0.slots.contains(where: \.isUnassigned) }) else { return nil }
        let single = matching.flatMap(\.slots).filter { $0.accepted == nil && $0.outstanding.count == 1 }
        let slow = single.compactMap { slot -> Attempt? in
            guard let id = slot.outstanding.first, let attempt = attempts[id], attempt.arrivedAt == nil,
                attempt.worker != name, now - attempt.issuedAt >= patience(id.assignment.round.purpose)
            else { return nil }
            return attempt
        }
        return slow.min { ($0.issuedAt, $0.id) < ($1.issuedAt, $1.id) }
    }

    private func patience(_ purpose: Purpose) -> Duration {
        guard let median = medianDuration(purpose) else { return configuration.straggler }
        return max(configuration.stragglerMinimum, median * configuration.stragglerFactor)
    }

    private mutating func issue(
        _ id: AssignmentID, to name: String, straggler: String?, now: Duration, _ actions: inout [Action]
    ) {
        guard let place = place(of: id), let peer = roster[name]?.peer else { return }
        rounds[place.round].slots[place.slot].issued += 1
        let slot = rounds[place.round].slots[place.slot]
        let attempt = AttemptID(assignment: id, epoch: configuration.stamp.epoch, number: slot.issued)
        rounds[place.round].slots[place.slot].outstanding.append(attempt)
        attempts[attempt] = Attempt(
            id: attempt, worker: name, issuedAt: now,
            deadline: now + configuration.lease * (1 << min(slot.expiries, 16)), sentAt: now)
        roster[name]?.lease = attempt
        ledger.issue(speculative: straggler != nil)
        if let straggler {
            actions.append(.record(.attemptDoubled(attempt, worker: name, straggler: straggler)))
        }
        send(.assignment(attempt, slot.assignment), to: peer, &actions)
    }
}
