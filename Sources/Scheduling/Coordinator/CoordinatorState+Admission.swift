import Reasoning
import Reinforcement

extension CoordinatorState {
    /// A result arrives: late ones are counted, broken ones dropped, the others go on to be scored and audited.
    ///
    /// Every result is acknowledged, whatever becomes of it, so that its worker can forget it.
    mutating func admit(
        _ result: RolloutResult, from name: String, peer: PeerID, now: Duration, _ actions: inout [Action]
    ) {
        send(.acknowledged(result.attempt), to: peer, &actions)
        if let reason = lateness(of: result.attempt, from: name) {
            ledger.arriveLate(reason)
            actions.append(.record(.resultLate(result.attempt, worker: name, reason)))
            if reason == .foreignLease || reason == .unknownAttempt {
                strike(name, reason: "a result it was never asked for", now: now, &actions)
            }
            return
        }
        guard let assignment = attempts[result.attempt]?.assignment else { return }
        roster[name]?.lease = nil
        attempts[result.attempt]?.arrivedAt = now
        attempts[result.attempt]?.tokens = result.tokenCount
        let check = TraceCheck(
            assignment: assignment, vocabulary: configuration.vocabulary, endTokens: configuration.endTokens,
            lengthLimit: lengthLimit(assignment.id.round.purpose), newest: newest ?? PolicyVersion(0))
        if let flaw = check.flaw(in: result.traces) {
            reject(result.attempt, flaw.reason, detail: flaw.detail, now: now, &actions)
            return
        }
        let part =
            assignment.isDivisible ? assignment.part(Set(result.traces.map(\.id.problem))) : assignment
        actions.append(.examine(result, part, worker: name, scrutiny: scrutiny(of: name)))
    }

    private func lengthLimit(_ purpose: Purpose) -> Int {
        configuration.lengthLimits[purpose] ?? configuration.lengthLimits[.training] ?? 0
    }

    /// Why nobody waits for this result; nil when somebody does.
    private func lateness(of id: AttemptID, from name: String) -> LateReason? {
        guard id.epoch == configuration.stamp.epoch else { return .staleEpoch }
        if let attempt = attempts[id] {
            if attempt.worker != name { return .foreignLease }
            return attempt.arrivedAt == nil ? nil : .duplicate
        }
        switch fates[id] {
        case .used: return .duplicate
        case .ended: return .ended
        case nil:
            // Fates of rounds long closed are forgotten; what claims to be of the future was made up.
            let isPast = id.assignment.round.step <= (closedRounds.last?.step ?? -1)
            return isPast && place(of: id.assignment) == nil ? .ended : .unknownAttempt
        }
    }

    mutating func acceptFailure(
        _ id: AttemptID, reason: String, from name: String, peer: PeerID, _ actions: inout [Action]
    ) {
        send(.acknowledged(id), to: peer, &actions)
        guard let attempt = attempts[id], attempt.worker == name, attempt.arrivedAt == nil else { return }
        refuseSlot(id, name)
        noteMisfortune(id, last: "\(name): \(reason)", &actions)
        roster[name]?.lease = nil
        end(id, .failed, detail: reason, &actions)
    }

    /// The shell has scored and audited a result.
    ///
    /// Verdicts on attempts that have ended meanwhile change nothing.
    mutating func conclude(_ id: AttemptID, _ verdict: Verdict, now: Duration, _ actions: inout [Action]) {
        guard let attempt = attempts[id], let arrivedAt = attempt.arrivedAt else { return }
        switch verdict {
        case .rejected(let reason, let detail):
            reject(id, reason, detail: detail, now: now, &actions)
        case .accepted(let groups):
            let duration = arrivedAt - attempt.issuedAt
            ledger.use()
            forget(attempt, fate: .used, &actions)
            praise(attempt.worker, tokens: attempt.tokens, duration: duration)
            noteDuration(duration, id.assignment.round.purpose)
            noteTokens(attempt.tokens, problems: groups.count, id.assignment.round.purpose)
            actions.append(
                .record(
                    .attemptUsed(id, worker: attempt.worker, tokens: attempt.tokens, duration: duration)))
            fill(id.assignment, with: groups, now: now, &actions)
        }
    }

    private mutating func reject(
        _ id: AttemptID, _ reason: DropReason, detail: String, now: Duration, _ actions: inout [Action]
    ) {
        guard let worker = attempts[id]?.worker else { return }
        refuseSlot(id, worker)
        end(id, reason, detail: detail, &actions)
        roster[worker]?.rejected += 1
        roster[worker]?.inGoodStanding = 0
        if reason == .auditFailed {
            // Honest arithmetic does not fail an audit, so this needs no second time.
            quarantine(worker, reason: detail, now: now, &actions)
        } else {
            strike(worker, reason: detail, now: now, &actions)
        }
    }

    private mutating func refuseSlot(_ id: AttemptID, _ worker: String) {
        guard let place = place(of: id.assignment) else { return }
        rounds[place.round].slots[place.slot].refusedBy.insert(worker)
    }

    /// The first valid group of a problem wins.
    ///
    /// Attempts of which nothing is missing any more end here, and the round with the last of its assignments.
    mutating func fill(
        _ id: AssignmentID, with groups: [TraceGroup], now: Duration, _ actions: inout [Action]
    ) {
        guard let place = place(of: id), rounds[place.round].slots[place.slot].accepted == nil else { return }
        for group in groups where rounds[place.round].slots[place.slot].groups[group.problem.index] == nil {
            rounds[place.round].slots[place.slot].groups[group.problem.index] = group
        }
        let slot = rounds[place.round].slots[place.slot]
        let isWhole = slot.groups.count == slot.assignment.problems.count || slot.isSetAside
        if isWhole {
            rounds[place.round].slots[place.slot].accepted = slot.assignment.problems.compactMap {
                slot.groups[$0.index]
            }
        }
        for twin in slot.out where isWhole || twin.problems.allSatisfy({ slot.groups[$0] != nil }) {
            end(twin.attempt, .superseded, detail: "another attempt was first", &actions)
        }
        guard rounds[place.round].isComplete else { return }
        let round = rounds.remove(at: place.round)
        closedRounds.append(round.id)
        if closedRounds.count > 16 {
            closedRounds.removeFirst(closedRounds.count - 16)
            let remembered = Set(closedRounds + rounds.map(\.id))
            fates = fates.filter { remembered.contains($0.key.assignment.round) }
        }
        actions.append(.record(.roundCompleted(round.id, duration: now - round.openedAt)))
        actions.append(.complete(round.id, round.slots.flatMap { $0.accepted ?? [] }))
    }
}
