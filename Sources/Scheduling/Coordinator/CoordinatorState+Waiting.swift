import Primitives
import Reinforcement

extension CoordinatorState {
    /// What is waited for, and since when nothing about it has changed: never nothing while a run goes on.
    package var waiting: Waiting {
        let current = currentWait
        return Waiting(wait: current, since: wait == nil || wait == current ? waitingSince : lastHandled)
    }

    mutating func noteWait(now: Duration) {
        // Who is waited for changes with every attempt; listing all of them each time would be most of the work.
        guard ledger == notedLedger else {
            notedLedger = ledger
            wait = nil
            waitingSince = now
            return
        }
        let current = currentWait
        if let wait, wait != current { waitingSince = now }
        wait = current
    }

    private var currentWait: Wait {
        switch phase {
        case .over: return .nothing
        case .leaving: return .farewell(presentNames.filter { roster[$0]?.isLeaving == false })
        case .running: break
        }
        guard let round = rounds.first else { return .activity(activity) }
        var working: Set<String> = []
        var examined = 0
        for attempt in attempts.values where attempt.id.assignment.round == round.id {
            if attempt.arrivedAt == nil { working.insert(attempt.worker) } else { examined += 1 }
        }
        if !working.isEmpty {
            return .results(round.id, assignments: round.slots.open, workers: working.sorted())
        }
        if examined > 0 { return .examination(round.id, assignments: examined) }
        return waitForWorkers(round.versions)
    }

    /// A round is open and nothing of it is out.
    private func waitForWorkers(_ versions: ClosedRange<PolicyVersion>) -> Wait {
        let present = presentNames
        guard !present.isEmpty else { return .worker }
        guard let newest, newest >= versions.lowerBound else { return .publication(versions.lowerBound) }
        let able = present.filter { roster[$0]?.isAble == true }
        guard !able.isEmpty else { return .ableWorker(present) }
        return .weights(
            newest, workers: able.filter { !(roster[$0]?.version.map(versions.contains) ?? false) })
    }

    /// This state's part of `status`.
    package func report(now: Duration) -> CoordinatorReport {
        CoordinatorReport(
            run: configuration.stamp.run, epoch: configuration.stamp.epoch, newestVersion: newest?.rawValue,
            waitingFor: waiting.wait.description, waitingSeconds: (now - waiting.since).seconds,
            rounds: rounds.map { round in
                CoordinatorReport.Round(
                    step: round.id.step, purpose: round.id.purpose, assignments: round.slots.count,
                    accepted: round.slots.count { $0.accepted != nil },
                    outstanding: attempts.keys.count { $0.assignment.round == round.id },
                    seconds: (now - round.openedAt).seconds)
            },
            workers: roster.entries.keys.sorted().compactMap { roster[$0] }.map { worker($0, now: now) },
            setAside: setAside,
            ledger: ledger)
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
}
