package import Reinforcement

extension CoordinatorState {
    /// Takes one event in and says what follows from it.
    ///
    /// - Parameter now: since any fixed start, never going back.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        var actions: [Action] = []
        forgive(now: now)
        switch event {
        case .received(let envelope, let peer):
            receive(envelope, from: peer, now: now, &actions)
        case .malformed(let peer, let reason):
            actions.append(.record(.messageMalformed(address: peer.address, reason: reason)))
            if let name = names[peer] { strike(name, reason: reason, now: now, &actions) }
        case .incompatible(let peer, let theirs, let ours):
            refuse(
                Refusal(subject: .protocolVersion, ours: String(ours), theirs: String(theirs)), peer: peer,
                &actions)
        case .disconnected(let peer):
            forgetRoute(peer)
        case .revoked(let peer):
            expel(peer, &actions)
        case .recalled(let earlier):
            setAside = earlier
        case .open(let assignments):
            open(assignments, now: now, &actions)
        case .published(let version):
            publish(version, &actions)
        case .examined(let attempt, let verdict):
            conclude(attempt, verdict, now: now, &actions)
        case .began(let activity):
            self.activity = activity
        case .shutdown(let farewell):
            shutDown(farewell, now: now, &actions)
        case .tick:
            break
        }
        let isTick = if case .tick = event { true } else { false }
        if isTick { keepTime(now: now, &actions) }
        dispatch(now: now, &actions)
        if isTick { doubleStragglers(now: now, &actions) }
        finishLeaving(now: now, &actions)
        if !event.isFrequent { noteWait(now: now) }
        return actions
    }

    /// What only the passing of time brings about; looking for it costs as much as there are workers.
    private mutating func keepTime(now: Duration, _ actions: inout [Action]) {
        loseSilentWorkers(now: now, &actions)
        expireLeases(now: now, &actions)
        releaseQuarantined(now: now, &actions)
    }

    /// A coordinator that was stopped, or kept busy, has not listened meanwhile: workers are not to blame for that time.
    private mutating func forgive(now: Duration) {
        let gap = now - lastHandled
        lastHandled = now
        guard gap >= configuration.silence / 2 else { return }
        for name in roster.present { roster[name]?.lastSeen += gap }
        for id in attempts.keys { attempts[id]?.deadline += gap }
    }

    private mutating func receive(
        _ envelope: Envelope<WorkerMessage>, from peer: PeerID, now: Duration, _ actions: inout [Action]
    ) {
        switch envelope.message {
        case .statusRequest:
            actions.append(.answerStatus(peer))
            return
        case .hello(let hello):
            greet(hello, stamp: envelope.stamp, peer: peer, now: now, &actions)
            return
        default:
            break
        }
        guard let name = names[peer], envelope.stamp == configuration.stamp else {
            send(.helloFirst, to: peer, &actions)
            return
        }
        roster.hear(name, at: now)
        switch envelope.message {
        case .ready(let version):
            roster[name]?.version = version
        case .ping(let standing):
            reconcile(standing, of: name, now: now, &actions)
            answerPing(to: peer, &actions)
        case .result(let result):
            admit(result, from: name, peer: peer, now: now, &actions)
        case .failed(let attempt, let reason):
            acceptFailure(attempt, reason: reason, from: name, peer: peer, &actions)
        case .goodbye(let returning):
            takeLeave(of: name, returning: returning, &actions)
        case .hello, .statusRequest:
            break
        }
    }

    private mutating func publish(_ version: PolicyVersion, _ actions: inout [Action]) {
        // Workers take the newest weights only: an older round would wait for ever, so it is refused by name.
        if let stuck = rounds.first(where: { $0.id.version < version }) {
            fail(
                .invalidRound(stuck.id, reason: "policy \(version.rawValue) was published before its end"),
                &actions)
        }
        newest = version
        tellEveryone(.pong(newest: version), &actions)
    }

    mutating func fail(_ failure: RunFailure, _ actions: inout [Action]) {
        guard self.failure == nil else { return }
        self.failure = failure
        actions.append(.fail(failure))
    }

    private mutating func answerPing(to peer: PeerID, _ actions: inout [Action]) {
        switch phase {
        case .running: send(.pong(newest: newest), to: peer, &actions)
        case .leaving(let farewell, _), .over(let farewell): send(.farewell(farewell), to: peer, &actions)
        }
    }

    func send(_ message: CoordinatorMessage, to peer: PeerID, _ actions: inout [Action]) {
        actions.append(.send(Envelope(stamp: configuration.stamp, message: message), to: peer))
    }

    func tellEveryone(_ message: CoordinatorMessage, _ actions: inout [Action]) {
        for name in presentNames {
            if let peer = roster[name]?.peer { send(message, to: peer, &actions) }
        }
    }

    // MARK: - Taking leave

    private mutating func shutDown(_ farewell: Farewell, now: Duration, _ actions: inout [Action]) {
        guard case .running = phase else {
            // Asked twice: no more patience.
            if case .leaving(let first, _) = phase { phase = .leaving(first, until: now) }
            return
        }
        for id in attempts.keys.sorted() {
            end(id, .cancelled, detail: "the run takes leave: \(farewell.rawValue)", &actions)
        }
        rounds = []
        phase = .leaving(farewell, until: now + configuration.timing.grace)
        tellEveryone(.farewell(farewell), &actions)
    }

    private mutating func finishLeaving(now: Duration, _ actions: inout [Action]) {
        guard case .leaving(let farewell, let until) = phase else { return }
        let staying = presentNames.contains { roster[$0]?.isLeaving == false }
        // Workers wait for a coordinator that may be resumed, so none of them says goodbye.
        guard !staying || now >= until || farewell == .interrupted else { return }
        phase = .over(farewell)
        actions.append(.over(farewell))
    }
}

extension CoordinatorState.Event {
    /// Comes with every message: what is waited for is looked up when somebody asks, and with the next tick.
    fileprivate var isFrequent: Bool {
        switch self {
        case .received, .malformed, .examined: true
        default: false
        }
    }
}

extension AttemptID: Comparable {
    /// By place in the run, so that nothing depends on the order of a hash table.
    package static func < (left: AttemptID, right: AttemptID) -> Bool {
        left.sortKey.lexicographicallyPrecedes(right.sortKey)
    }

    private var sortKey: [Int] {
        [
            Int(truncatingIfNeeded: epoch), assignment.round.step,
            Int(assignment.round.purpose.stream.rawValue), assignment.index, number,
        ]
    }
}
