import Primitives
import Reasoning
import Reinforcement

extension SchedulerState {
    // MARK: - Results

    /// Takes in a result: a late one is counted, an invalid one is dropped, and any other goes to the
    /// examination.
    mutating func admit(_ result: RolloutResult, from name: String) {
        if let reason = lateness(of: result.attempt, from: name) {
            ledger.arriveLate(reason)
            outbox.record(.resultLate(result.attempt, worker: name, reason))
            if reason == .foreignLease || reason == .unknownAttempt {
                strike(name, reason: "a result it was never asked for")
            }
            return
        }
        guard let assignment = leases[result.attempt]?.assignment else { return }
        roster[name]?.lease = nil
        leases.arrive(result.attempt, tokens: result.tokenCount, at: now)
        let limits = configuration.lengthLimits
        let check = TraceCheck(
            assignment: assignment, vocabulary: configuration.vocabulary, endTokens: configuration.endTokens,
            lengthLimit: limits[assignment.id.round.purpose] ?? limits[.training] ?? 0,
            newest: newest ?? PolicyVersion(0))
        if let flaw = check.flaw(in: result.traces) {
            reject(result.attempt, flaw.reason, detail: flaw.detail)
            return
        }
        let part =
            assignment.isDivisible ? assignment.part(Set(result.traces.map(\.id.problem))) : assignment
        outbox.add(.examine(result, part, worker: name, scrutiny: scrutiny(of: name)))
    }

    /// The reason why a result of this attempt is late; nil when the coordinator still expects one.
    private func lateness(of id: AttemptID, from name: String) -> LateReason? {
        guard id.incarnation == configuration.stamp.incarnation else { return .staleIncarnation }
        guard let attempt = leases[id] else { return rounds.lateness(of: id) }
        if attempt.worker != name { return .foreignLease }
        return attempt.arrivedAt == nil ? nil : .duplicate
    }

    mutating func acceptFailure(_ id: AttemptID, reason: String, from name: String) {
        guard let attempt = leases[id], attempt.worker == name, attempt.arrivedAt == nil else { return }
        rounds.update(id.assignment) { $0.refuse(by: name) }
        roster[name]?.lease = nil
        fail(id, .failed, detail: reason, last: "\(name): \(reason)")
    }

    /// Takes in the outcome of an examination; an attempt that has ended in the meantime stays ended.
    mutating func conclude(_ id: AttemptID, _ outcome: ExaminationOutcome) {
        guard let attempt = leases[id], let arrivedAt = attempt.arrivedAt else { return }
        switch outcome {
        case .rejected(let reason, let detail): reject(id, reason, detail: detail)
        case .accepted(let groups):
            ledger.use()
            forget(attempt, .used)
            let seconds = attempt.duration.flatMap { $0 > .zero ? $0.seconds : nil }
            roster[attempt.worker]?.recordSuccess(rate: seconds.map { Double(attempt.tokens) / $0 })
            pace.record(
                id.assignment.round.purpose, tokens: attempt.tokens, problems: groups.count,
                duration: attempt.duration, rate: roster[attempt.worker]?.tokensPerSecond)
            outbox.record(
                .attemptUsed(
                    id, worker: attempt.worker, tokens: attempt.tokens,
                    duration: arrivedAt - attempt.issuedAt))
            fill(id.assignment, with: groups)
        }
    }

    private mutating func reject(_ id: AttemptID, _ reason: DropReason, detail: String) {
        guard let worker = leases[id]?.worker else { return }
        rounds.update(id.assignment) { $0.refuse(by: worker) }
        end(id, reason, detail: detail)
        roster[worker]?.recordRejection()
        if reason == .auditFailed {
            // An honest worker does not fail an audit, so one failure is enough.
            quarantine(worker, reason: detail)
        } else {
            strike(worker, reason: detail)
        }
    }

    /// Adds groups to a round, and ends the attempts that have nothing left to add and the round if it is
    /// complete.
    private mutating func fill(_ id: AssignmentID, with groups: [TraceGroup]) {
        for attempt in rounds.update(id, { $0.fill(with: groups) }) ?? [] {
            end(attempt, .superseded, detail: "another attempt was first")
        }
        guard let round = rounds.closeIfComplete(id.round) else { return }
        outbox.record(.roundCompleted(round.id, duration: now - round.openedAt))
        outbox.add(.complete(round.id, round.groups))
    }

    // MARK: - Ends of attempts

    mutating func expireLeases() {
        for id in leases.expired(at: now, lease: configuration.lease) { expire(id) }
    }

    mutating func expire(_ id: AttemptID) {
        guard let attempt = leases[id] else { return }
        rounds.update(id.assignment) { $0.recordExpiry() }
        ledger.expire()
        outbox.record(.attemptExpired(id, worker: attempt.worker, after: now - attempt.issuedAt))
        forget(attempt, .unused)
    }

    /// Ends an attempt and discards its work.
    mutating func end(_ id: AttemptID, _ reason: DropReason, detail: String) {
        guard let attempt = leases[id] else { return }
        ledger.drop(reason)
        outbox.record(.attemptDropped(id, worker: attempt.worker, reason, detail: detail))
        forget(attempt, .unused)
    }

    /// Ends an attempt that went wrong, and counts the failure against its assignment.
    ///
    /// - Parameter last: the reason to report when the assignment is set aside; nil for `detail`.
    mutating func fail(_ id: AttemptID, _ reason: DropReason, detail: String, last: String? = nil) {
        guard leases[id] != nil else { return }
        recordFailure(id.assignment, last: last ?? detail)
        end(id, reason, detail: detail)
    }

    /// Removes an ended attempt, and tells a worker that may still compute it.
    private mutating func forget(_ attempt: Attempt, _ outcome: AttemptOutcome) {
        leases.remove(attempt.id)
        rounds.end(attempt.id, outcome)
        if roster[attempt.worker]?.lease == attempt.id {
            roster[attempt.worker]?.lease = nil
            if attempt.arrivedAt == nil, let peer = roster[attempt.worker]?.peer {
                outbox.send(.abandon(attempt.id), to: peer)
            }
        }
        // An assignment that is set aside is not issued again, so its slot may be complete now.
        if outcome == .unused, let slot = rounds[attempt.id.assignment], slot.isSetAside, slot.accepted == nil
        {
            fill(attempt.id.assignment, with: [])
        }
    }

    /// Counts a failed attempt against its assignment.
    ///
    /// After too many failures the assignment is set aside and reported by name, and the run continues
    /// without it. A round with only this assignment ends the run, because the workers are then the cause and
    /// not the problems.
    mutating func recordFailure(_ id: AssignmentID, last: String) {
        guard let slot = rounds.update(id, { $0.recordFailure() }), slot.accepted == nil,
            slot.failures >= configuration.poisonLimit
        else { return }
        let problems = slot.assignment.problems.map(\.problem.id)
        setAside.add(
            CoordinatorReport.SetAside(
                assignment: "\(id)", problems: problems, attempts: slot.failures, last: last))
        let slots = rounds.open.first { $0.id == id.round }?.slots
        if slots?.allSatisfy({ $0.isSetAside || $0.assignment.id == id }) == true {
            fail(.poison(id, attempts: slot.failures, problems: problems, last: last))
            return
        }
        rounds.update(id) { $0.setAside() }
        outbox.record(.problemsSetAside(id, attempts: slot.failures, problems: problems, last: last))
    }
}
