import Primitives
import Reinforcement

extension SchedulerState {
    /// What the run waits for, and since when; never `Wait.nothing` while the run continues.
    package var waiting: Waiting { waits.waiting(for: currentWait, now: now) }

    var currentWait: Wait {
        let present = roster.presentNames
        switch phase {
        case .over: return .nothing
        case .leaving: return .farewell(present.filter { roster[$0]?.isLeaving == false })
        case .running: break
        }
        guard let round = rounds.open.first else { return .activity(activity) }
        let out = leases.all.filter { $0.id.assignment.round == round.id }
        let working = Set(out.filter { $0.arrivedAt == nil }.map(\.worker))
        if !working.isEmpty {
            return .results(round.id, assignments: round.slots.open, workers: working.sorted())
        }
        if !out.isEmpty { return .examination(round.id, assignments: out.count) }
        // No attempt of the round is out.
        guard !present.isEmpty else { return .worker }
        let versions = round.versions
        guard let newest, newest >= versions.lowerBound else { return .publication(versions.lowerBound) }
        let able = present.filter { roster[$0]?.isAble == true }
        guard !able.isEmpty else { return .ableWorker(present) }
        return .weights(
            newest, workers: able.filter { !(roster[$0]?.version.map(versions.contains) ?? false) })
    }

    /// This state's part of `status`.
    package func report(now: Duration) -> CoordinatorReport {
        CoordinatorReport(
            run: configuration.stamp.run, incarnation: configuration.stamp.incarnation,
            newestVersion: newest?.rawValue,
            waitingFor: waiting.wait.description, waitingSeconds: (now - waiting.since).seconds,
            rounds: rounds.open.map { round in
                CoordinatorReport.Round(
                    step: round.id.step, purpose: round.id.purpose, assignments: round.slots.count,
                    accepted: round.slots.count { $0.accepted != nil },
                    outstanding: leases.all.count { $0.id.assignment.round == round.id },
                    seconds: (now - round.openedAt).seconds)
            },
            workers: roster.entries.sorted { $0.key < $1.key }.map { worker($0.value, now: now) },
            setAside: setAside.all, ledger: ledger)
    }

    private func worker(_ entry: RosterEntry, now: Duration) -> CoordinatorReport.Worker {
        let state: CoordinatorReport.Worker.State =
            if !entry.isPresent {
                .gone
            } else if entry.isLeaving {
                .leaving
            } else if entry.quarantinedUntil != nil {
                .quarantined
            } else if entry.lease != nil {
                .generating
            } else {
                entry.version == newest && newest != nil ? .idle : .fetching
            }
        return CoordinatorReport.Worker(
            name: entry.hello.name, key: entry.key, host: entry.hello.host, process: entry.hello.process,
            machine: entry.hello.machine, state: state, version: entry.version?.rawValue,
            tokensPerSecond: entry.tokensPerSecond, secondsSinceSeen: (now - entry.lastSeen).seconds,
            results: entry.results, rejected: entry.rejected, strikes: entry.strikes,
            scrutiny: scrutiny(of: entry.hello.name), deaths: entry.deaths,
            generates: entry.lease.map(\.description))
    }

    /// The first disagreement between ledger, attempts, slots and leases; nil unless this type has a bug.
    package var inconsistency: String? {
        if !ledger.closes { return "the ledger does not close: \(ledger)" }
        if ledger.outstanding != leases.count {
            return "\(ledger.outstanding) attempts are outstanding, \(leases.count) are known"
        }
        for attempt in leases.all
        where rounds[attempt.id.assignment]?.out.contains(where: { $0.attempt == attempt.id }) != true {
            return "\(attempt.id) of \(attempt.worker) is out, and its slot does not know it"
        }
        for (name, entry) in roster.entries {
            guard let lease = entry.lease else { continue }
            guard let attempt = leases[lease], attempt.worker == name, attempt.arrivedAt == nil else {
                return "\(name) has a lease on \(lease), which is not out with it"
            }
        }
        return rounds.inconsistency ?? roster.inconsistency
    }
}
