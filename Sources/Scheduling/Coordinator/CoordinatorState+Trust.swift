import Primitives
import Reasoning
import Reinforcement

extension CoordinatorState {
    /// One invalid result or message; enough of them, and the worker gets no work for a while.
    mutating func strike(_ name: String, reason: String, now: Duration, _ actions: inout [Action]) {
        guard let entry = roster[name] else { return }
        roster[name]?.strikes += 1
        if entry.strikes + 1 >= configuration.strikeLimit {
            quarantine(name, reason: reason, now: now, &actions)
        }
    }

    mutating func noteDeath(of name: String, now: Duration, _ actions: inout [Action]) {
        guard let entry = roster[name] else { return }
        roster[name]?.deaths += 1
        roster[name]?.deathsInARow += 1
        if entry.deathsInARow + 1 >= configuration.deathLimit {
            let reason = "\(entry.deathsInARow + 1) deaths in a row"
            quarantine(name, reason: reason, now: now, &actions)
        }
    }

    /// No new work until the time is over; never for ever, because a machine may have been repaired.
    mutating func quarantine(_ name: String, reason: String, now: Duration, _ actions: inout [Action]) {
        guard let entry = roster[name], entry.quarantinedUntil == nil else { return }
        let factor = 1 << min(entry.quarantines, 16)
        let length = min(configuration.quarantine * factor, configuration.longestQuarantine)
        roster[name]?.quarantines += 1
        roster[name]?.quarantinedUntil = now + length
        actions.append(.record(.workerQuarantined(name, length: length, reason: reason)))
    }

    mutating func releaseQuarantined(now: Duration, _ actions: inout [Action]) {
        for name in roster.quarantined.sorted() {
            guard let until = roster[name]?.quarantinedUntil, until <= now else { continue }
            roster[name]?.quarantinedUntil = nil
            roster[name]?.strikes = 0
            roster[name]?.deathsInARow = 0
            actions.append(.record(.workerReleased(name)))
        }
    }

    mutating func praise(_ name: String, tokens: Int, duration: Duration) {
        roster[name]?.praise(rate: duration > .zero ? Double(tokens) / duration.seconds : nil)
        if duration > .zero, let rate = roster[name]?.tokensPerSecond { fastest = max(rate, 0.99 * fastest) }
    }

    /// A worker died or failed over an assignment; one that kills whoever takes it is set aside by name, and the run goes on.
    ///
    /// A round of which nothing is left ends the run: then the workers are to blame, not the problems.
    mutating func noteMisfortune(_ id: AttemptID, last: String, _ actions: inout [Action]) {
        guard let place = place(of: id.assignment) else { return }
        rounds[place.round].slots[place.slot].misfortunes += 1
        let slot = rounds[place.round].slots[place.slot]
        guard slot.accepted == nil, slot.misfortunes >= configuration.poisonLimit else { return }
        let problems = slot.assignment.problems.map(\.problem.id)
        let isLastHope = rounds[place.round].slots.allSatisfy {
            $0.isSetAside || $0.assignment.id == id.assignment
        }
        setAside =
            setAside.suffix(255) + [
                CoordinatorReport.SetAside(
                    assignment: "\(id.assignment)", problems: problems, attempts: slot.misfortunes, last: last
                )
            ]
        if isLastHope {
            fail(
                .poison(id.assignment, attempts: slot.misfortunes, problems: problems, last: last), &actions)
            return
        }
        rounds[place.round].slots[place.slot].isSetAside = true
        actions.append(
            .record(
                .problemsSetAside(
                    id.assignment, attempts: slot.misfortunes, problems: problems, last: last)))
    }

    /// Gives up again what an earlier life of the coordinator gave up of a round.
    ///
    /// So it ends with the same groups, and nobody dies of it again. Of a round that was given up whole everything is tried
    /// anew: its workers were to blame.
    mutating func withoutSetAside(_ slots: [Slot]) -> [Slot] {
        if setAside.isEmpty { return slots }
        let given = Dictionary(setAside.map { ($0.assignment, $0.problems) }, uniquingKeysWith: { $1 })
        func isGiven(_ assignment: Assignment) -> Bool {
            // A changed configuration may cut the round into other assignments.
            given["\(assignment.id)"] == assignment.problems.map(\.problem.id)
        }
        guard slots.contains(where: { !isGiven($0.assignment) }) else {
            let names = Set(slots.map { "\($0.assignment.id)" })
            setAside.removeAll { names.contains($0.assignment) }
            return slots
        }
        return slots.map { slot in
            var slot = slot
            if isGiven(slot.assignment) {
                slot.isSetAside = true
                slot.accepted = []
            }
            return slot
        }
    }

    /// How much more often than a proven one's this worker's results are computed again: a new one's, and for a while
    /// the results of one that was caught.
    func scrutiny(of name: String) -> Double {
        guard let entry = roster[name], entry.inGoodStanding < configuration.probation else { return 1 }
        return entry.rejected > 0 ? configuration.suspectScrutiny : configuration.newcomerScrutiny
    }
}
