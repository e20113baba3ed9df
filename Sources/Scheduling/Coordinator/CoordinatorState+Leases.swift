import Reinforcement

extension CoordinatorState {
    /// Where an assignment lies among the open rounds.
    func place(of id: AssignmentID) -> (round: Int, slot: Int)? {
        guard let round = rounds.firstIndex(where: { $0.id == id.round }),
            rounds[round].slots.indices.contains(id.index)
        else { return nil }
        return (round, id.index)
    }

    func slot(of id: AttemptID) -> Slot? {
        place(of: id.assignment).map { rounds[$0.round].slots[$0.slot] }
    }

    mutating func expireLeases(now: Duration, _ actions: inout [Action]) {
        guard now >= leaseDue else { return }
        var due: [Attempt] = []
        leaseDue = now + configuration.lease
        for attempt in attempts.values where attempt.arrivedAt == nil {
            if attempt.deadline <= now {
                due.append(attempt)
            } else {
                leaseDue = min(leaseDue, attempt.deadline)
            }
        }
        for attempt in due.sorted(by: { $0.id < $1.id }) {
            expire(attempt.id, now: now, &actions)
        }
    }

    mutating func expire(_ id: AttemptID, now: Duration, _ actions: inout [Action]) {
        guard let attempt = attempts[id] else { return }
        if let place = place(of: id.assignment) { rounds[place.round].slots[place.slot].expiries += 1 }
        ledger.expire()
        actions.append(.record(.attemptExpired(id, worker: attempt.worker, after: now - attempt.issuedAt)))
        forget(attempt, fate: .ended, &actions)
    }

    /// Ends an attempt without using it.
    mutating func end(_ id: AttemptID, _ reason: DropReason, detail: String, _ actions: inout [Action]) {
        guard let attempt = attempts[id] else { return }
        ledger.drop(reason)
        actions.append(.record(.attemptDropped(id, worker: attempt.worker, reason, detail: detail)))
        forget(attempt, fate: .ended, &actions)
    }

    /// Takes an ended attempt off the books; a worker that may still compute it is told.
    mutating func forget(_ attempt: Attempt, fate: Fate, _ actions: inout [Action]) {
        attempts[attempt.id] = nil
        fates[attempt.id] = fate
        if let place = place(of: attempt.id.assignment) {
            rounds[place.round].slots[place.slot].out.removeAll { $0.attempt == attempt.id }
        }
        if roster[attempt.worker]?.lease == attempt.id {
            roster[attempt.worker]?.lease = nil
            if attempt.arrivedAt == nil, let peer = roster[attempt.worker]?.peer {
                send(.abandon(attempt.id), to: peer, &actions)
            }
        }
        if fate == .ended, let slot = slot(of: attempt.id), slot.isSetAside, slot.accepted == nil {
            fill(attempt.id.assignment, with: [], now: lastHandled, &actions)
        }
    }

    /// Median time from handing out to arrival of this purpose's results; nil before there are three.
    func medianDuration(_ purpose: Purpose) -> Duration? {
        guard let recent = durations[purpose], recent.count >= 3 else { return nil }
        return recent.sorted()[recent.count / 2]
    }

    mutating func noteDuration(_ duration: Duration, _ purpose: Purpose) {
        durations[purpose, default: []].append(duration)
        if durations[purpose, default: []].count > 64 { durations[purpose]?.removeFirst() }
    }
}
