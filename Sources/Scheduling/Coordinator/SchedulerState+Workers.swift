import Primitives
import Reinforcement

extension SchedulerState {
    // MARK: - Arrivals

    /// Handles a HELLO: checks the run and the name, sends the documents that the worker lacks, and finds out
    /// which work it still holds.
    mutating func greet(_ hello: Hello, stamp: RunStamp, peer: PeerID) {
        if let refusal = refusal(of: hello, stamp: stamp, key: peer.key) {
            refuse(refusal, peer: peer)
            return
        }
        if let farewell = phase.farewell {
            outbox.send(.farewell(farewell), to: peer)
            return
        }
        if let known = roster[hello.name] {
            if known.hello.instance == hello.instance {
                welcomeBack(known, peer: peer)
            } else if known.isHolding {
                claim(NameClaim(hello: hello, stamp: stamp, peer: peer))
                return
            } else {
                replace(known, by: hello)
            }
        } else {
            roster.makeRoom(4 * configuration.workerLimit)
            roster[hello.name] = RosterEntry(hello: hello, lastSeen: now)
            outbox.record(.workerJoined(hello.name, host: hello.host, process: hello.process))
        }
        roster.connect(hello, peer, at: now)
        outbox.send(
            .welcome(
                Welcome(
                    digests: configuration.digests,
                    documents: hello.digests == configuration.digests ? nil : configuration.documents,
                    newest: newest, weights: configuration.weights, timing: configuration.timing)),
            to: peer)
        if let lease = roster[hello.name]?.lease { leases.offerAgain(lease, at: now) }
        reconcile(hello.standing, of: hello.name)
        // A version number from an earlier incarnation may belong to other weights.
        if stamp != configuration.stamp { roster[hello.name]?.version = nil }
    }

    /// The reason to refuse a HELLO; nil when it is accepted.
    private func refusal(of hello: Hello, stamp: RunStamp, key: String?) -> Refusal? {
        if !stamp.run.isEmpty, stamp.run != configuration.stamp.run {
            return Refusal(subject: .run, ours: configuration.stamp.run, theirs: stamp.run)
        }
        if let holder = roster[hello.name], holder.isPresent {
            // A different key cannot take the name of a present worker, because it would also take over its
            // work.
            if holder.key != key { return Self.refusal(of: hello, heldBy: holder) }
        } else if roster.presentCount >= configuration.workerLimit {
            return Refusal(
                subject: .workers, ours: "at most \(configuration.workerLimit)", theirs: "one more")
        }
        return nil
    }

    mutating func refuse(_ refusal: Refusal, peer: PeerID) {
        outbox.send(.refused(refusal), to: peer)
        outbox.record(.workerRefused(refusal, address: peer.address))
    }

    private mutating func welcomeBack(_ known: RosterEntry, peer: PeerID) {
        let name = known.hello.name
        if !known.isPresent, !known.isLeaving { roster[name]?.takeDeathBack() }
        if !known.isPresent || known.peer != peer { outbox.record(.workerReturned(name)) }
    }

    private mutating func replace(_ known: RosterEntry, by hello: Hello) {
        if known.isPresent, !known.isLeaving { recordDeath(of: hello.name) }
        if let lease = known.lease {
            fail(
                lease, .lost, detail: "a new process took the worker's place", last: "\(hello.name) died")
        }
        outbox.record(.workerRestarted(hello.name, host: hello.host, process: hello.process))
    }

    /// Compares the work that a worker reports with the work that it was handed, which makes up for lost
    /// messages.
    mutating func reconcile(_ standing: WorkerStanding, of name: String) {
        roster[name]?.version = standing.version
        guard let entry = roster[name], let peer = entry.peer else { return }
        for attempt in standing.working where attempt != entry.lease {
            outbox.send(.abandon(attempt), to: peer)
        }
        guard let lease = entry.lease, !standing.working.contains(lease), !standing.pending.contains(lease),
            let attempt = leases[lease]
        else { return }
        // A worker that hears nothing says HELLO again within the silence limit. So this worker was sent the
        // assignment and does not accept it.
        let offered = now - attempt.offeredAt
        if offered >= max(configuration.resend * 5, configuration.silence * 2) {
            rounds.update(lease.assignment) { $0.refuse(by: name) }
            fail(
                lease, .undeliverable,
                detail: "\(name) does not take it, after \(offered.text) of sending")
            return
        }
        guard now - attempt.sentAt >= configuration.resend else { return }
        leases.resend(lease, at: now)
        outbox.send(.assignment(lease, attempt.assignment), to: peer)
    }

    // MARK: - Departures

    /// A worker says goodbye and returns attempts.
    mutating func release(_ name: String, returning: [AttemptID]) {
        if let lease = roster[name]?.lease, returning.contains(lease) {
            end(lease, .returned, detail: "the worker leaves")
        }
        guard roster[name]?.isLeaving == false else { return }
        roster[name]?.isLeaving = true
        outbox.record(.workerLeft(name))
        grantClaims(of: name)
    }

    /// A worker's key was revoked, so its work goes to other workers at once.
    mutating func expel(_ peer: PeerID) {
        guard let name = roster.disconnect(peer) else { return }
        outbox.record(.workerRevoked(name, address: peer.address))
        roster.lose(name)
        roster[name]?.isLeaving = true
        if let lease = roster[name]?.lease { end(lease, .lost, detail: "its worker's key was revoked") }
        grantClaims(of: name)
    }

    mutating func loseSilentWorkers() {
        for name in roster.silent(at: now, limit: configuration.silence) {
            guard let entry = roster[name] else { continue }
            roster.lose(name)
            if !entry.isLeaving {
                outbox.record(.workerLost(name, silent: now - entry.lastSeen))
                recordDeath(of: name)
            }
            if let lease = entry.lease {
                if !entry.isLeaving { recordFailure(lease.assignment, last: "\(name) fell silent") }
                expire(lease)
            }
            grantClaims(of: name)
        }
    }

    // MARK: - Trust

    /// Counts one invalid result or message; too many put the worker in quarantine.
    mutating func strike(_ name: String, reason: String) {
        roster[name]?.recordStrike()
        if let entry = roster[name], entry.strikes >= configuration.strikeLimit {
            quarantine(name, reason: reason)
        }
    }

    private mutating func recordDeath(of name: String) {
        roster[name]?.recordDeath()
        if let entry = roster[name], entry.deathsInARow >= configuration.deathLimit {
            quarantine(name, reason: "\(entry.deathsInARow) deaths in a row")
        }
    }

    /// Puts a worker in quarantine for a limited time, because its machine may be repaired.
    mutating func quarantine(_ name: String, reason: String) {
        guard roster[name]?.quarantinedUntil == nil,
            let length = roster[name]?.quarantine(
                from: now, first: configuration.quarantine, longest: configuration.longestQuarantine)
        else { return }
        outbox.record(.workerQuarantined(name, length: length, reason: reason))
    }

    mutating func releaseQuarantined() {
        for name in roster.released(at: now) {
            roster[name]?.release()
            outbox.record(.workerReleased(name))
        }
    }

    /// The multiplier of a worker's audit rate: 1 for a proven worker, more for a newcomer, and most for a
    /// worker with recently rejected results.
    func scrutiny(of name: String) -> Double {
        guard let entry = roster[name], entry.inGoodStanding < configuration.probation else { return 1 }
        return entry.rejected > 0 ? configuration.suspectScrutiny : configuration.newcomerScrutiny
    }
}
