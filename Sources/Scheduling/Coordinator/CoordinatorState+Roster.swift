import Reinforcement

extension CoordinatorState {
    var presentNames: [String] { roster.present.sorted() }

    /// HELLO: agrees on run and digests, and finds out what the worker still holds.
    mutating func greet(
        _ hello: Hello, stamp: RunStamp, peer: PeerID, now: Duration, _ actions: inout [Action]
    ) {
        if let refusal = refusal(of: hello, stamp: stamp, key: peer.key) {
            refuse(refusal, peer: peer, &actions)
            return
        }
        switch phase {
        case .running: break
        case .leaving(let farewell, _), .over(let farewell):
            send(.farewell(farewell), to: peer, &actions)
            return
        }
        if let known = roster[hello.name] {
            if known.hello.instance == hello.instance {
                welcomeBack(hello, peer: peer, &actions)
            } else {
                replace(known, by: hello, now: now, &actions)
            }
        } else {
            makeRoom()
            roster[hello.name] = RosterEntry(hello: hello, lastSeen: now)
            actions.append(.record(.workerJoined(hello.name, host: hello.host, process: hello.process)))
        }
        if let old = roster[hello.name]?.peer, old != peer { names[old] = nil }
        // One connection is one worker: a peer that says HELLO under a second name leaves the first.
        if let other = names[peer], other != hello.name { roster[other]?.peer = nil }
        names[peer] = hello.name
        let isSameEpoch = stamp == configuration.stamp
        if roster[hello.name]?.hello.instance != hello.instance { roster[hello.name]?.isConfirmed = false }
        roster[hello.name]?.hello = hello
        roster[hello.name]?.key = peer.key
        roster[hello.name]?.peer = peer
        roster[hello.name]?.lastSeen = now
        roster[hello.name]?.isPresent = true
        roster[hello.name]?.isLeaving = false
        send(
            .welcome(
                Welcome(
                    digests: configuration.digests,
                    documents: hello.digests == configuration.digests ? nil : configuration.documents,
                    newest: newest, weights: configuration.weights, timing: configuration.timing)),
            to: peer, &actions)
        reconcile(hello.standing, of: hello.name, now: now, &actions)
        if !isSameEpoch { roster[hello.name]?.version = nil }
    }

    /// What speaks against a HELLO; nil when it fits.
    private func refusal(of hello: Hello, stamp: RunStamp, key: String?) -> Refusal? {
        if !stamp.run.isEmpty, stamp.run != configuration.stamp.run {
            return Refusal(subject: .run, ours: configuration.stamp.run, theirs: stamp.run)
        }
        if let theirs = hello.digests {
            let ours = configuration.digests
            let pairs: [(Refusal.Subject, String, String)] = [
                (.model, ours.model, theirs.model), (.tokenizer, ours.tokenizer, theirs.tokenizer),
                (.configuration, ours.configuration, theirs.configuration),
            ]
            for (subject, ours, theirs) in pairs where ours != theirs {
                return Refusal(subject: subject, ours: ours, theirs: theirs)
            }
        }
        // Nobody takes the name, and with it the work, of somebody else who is here.
        if let holder = roster[hello.name], holder.isPresent, holder.key != key {
            return Refusal(
                subject: .name, ours: "\(hello.name) has key \(holder.key ?? "none")",
                theirs: "key \(key ?? "none")")
        }
        // A HELLO that was on its way when its process died may have taken the name from the living: they get it back
        // unless the new holder has answered its welcome.
        if replaced.contains(hello.instance), let holder = roster[hello.name], holder.isPresent,
            holder.isConfirmed
        {
            return Refusal(
                subject: .name,
                ours: "\(hello.name) is process \(holder.hello.process) on \(holder.hello.host) now",
                theirs: "process \(hello.process) on \(hello.host)")
        }
        if !roster.present.contains(hello.name), roster.present.count >= configuration.workerLimit {
            return Refusal(
                subject: .workers, ours: "at most \(configuration.workerLimit)", theirs: "one more")
        }
        return nil
    }

    func refuse(_ refusal: Refusal, peer: PeerID, _ actions: inout [Action]) {
        send(.refused(refusal), to: peer, &actions)
        actions.append(.record(.workerRefused(refusal, address: peer.address)))
    }

    private mutating func welcomeBack(_ hello: Hello, peer: PeerID, _ actions: inout [Action]) {
        guard let entry = roster[hello.name] else { return }
        if !entry.isPresent, !entry.isLeaving {
            // It was silent, not dead.
            roster[hello.name]?.deaths -= 1
            roster[hello.name]?.deathsInARow -= 1
        }
        if !entry.isPresent || entry.peer != peer { actions.append(.record(.workerReturned(hello.name))) }
    }

    private mutating func replace(
        _ known: RosterEntry, by hello: Hello, now: Duration, _ actions: inout [Action]
    ) {
        replaced.removeAll { $0 == hello.instance }
        replaced.append(known.hello.instance)
        if replaced.count > 1024 { replaced.removeFirst() }
        if known.isPresent, !known.isLeaving { noteDeath(of: hello.name, now: now, &actions) }
        if let lease = known.lease {
            noteMisfortune(lease, last: "\(hello.name) died", &actions)
            end(lease, .lost, detail: "a new process took the worker's place", &actions)
        }
        actions.append(.record(.workerRestarted(hello.name, host: hello.host, process: hello.process)))
    }

    /// Forgets whoever has been gone longest once the roster is four times what may be present.
    private mutating func makeRoom() {
        guard roster.count >= 4 * configuration.workerLimit else { return }
        let gone = roster.entries.filter { !$0.value.isPresent }
        let oldest = gone.min { ($0.value.lastSeen, $0.key) < ($1.value.lastSeen, $1.key) }
        if let oldest { roster[oldest.key] = nil }
    }

    /// Its key was revoked: whatever it was handed goes to others at once.
    mutating func expel(_ peer: PeerID, _ actions: inout [Action]) {
        guard let name = names.removeValue(forKey: peer), let entry = roster[name] else { return }
        actions.append(.record(.workerRevoked(name, address: peer.address)))
        roster[name]?.peer = nil
        roster[name]?.isPresent = false
        roster[name]?.isLeaving = true
        roster[name]?.version = nil
        if let lease = entry.lease { end(lease, .lost, detail: "its worker's key was revoked", &actions) }
    }

    mutating func forgetRoute(_ peer: PeerID) {
        guard let name = names.removeValue(forKey: peer) else { return }
        roster[name]?.peer = nil
    }

    /// Compares what a worker says it holds with what it was handed; messages that were lost are made good here.
    mutating func reconcile(
        _ standing: WorkerStanding, of name: String, now: Duration, _ actions: inout [Action]
    ) {
        roster[name]?.version = standing.version
        abandonUnleased(standing.working, of: name, &actions)
        guard let lease = roster[name]?.lease, let peer = roster[name]?.peer,
            !standing.working.contains(lease), !standing.pending.contains(lease),
            let attempt = attempts[lease], now - attempt.sentAt >= configuration.resend
        else { return }
        attempts[lease]?.sentAt = now
        send(.assignment(lease, attempt.assignment), to: peer, &actions)
    }

    private func abandonUnleased(_ working: [AttemptID], of name: String, _ actions: inout [Action]) {
        guard let entry = roster[name], let peer = entry.peer else { return }
        for attempt in working where attempt != entry.lease {
            send(.abandon(attempt), to: peer, &actions)
        }
    }

    mutating func takeLeave(of name: String, returning: [AttemptID], _ actions: inout [Action]) {
        if let lease = roster[name]?.lease, returning.contains(lease) {
            end(lease, .returned, detail: "the worker leaves", &actions)
        }
        guard roster[name]?.isLeaving == false else { return }
        roster[name]?.isLeaving = true
        actions.append(.record(.workerLeft(name)))
    }

    mutating func loseSilentWorkers(now: Duration, _ actions: inout [Action]) {
        guard now >= silenceDue else { return }
        var silent: [String] = []
        var earliest = now
        for name in roster.present {
            guard let seen = roster[name]?.lastSeen else { continue }
            if now - seen >= configuration.silence {
                silent.append(name)
            } else {
                earliest = min(earliest, seen)
            }
        }
        silenceDue = earliest + configuration.silence
        for name in silent.sorted() {
            guard let entry = roster[name] else { continue }
            let silent = now - entry.lastSeen
            roster[name]?.isPresent = false
            roster[name]?.version = nil
            if let peer = entry.peer { names[peer] = nil }
            roster[name]?.peer = nil
            if !entry.isLeaving {
                actions.append(.record(.workerLost(name, silent: silent)))
                noteDeath(of: name, now: now, &actions)
            }
            if let lease = entry.lease {
                if !entry.isLeaving { noteMisfortune(lease, last: "\(name) fell silent", &actions) }
                expire(lease, now: now, &actions)
            }
        }
    }
}
