extension WorkerState {
    mutating func receive(
        _ envelope: Envelope<CoordinatorMessage>, now: Duration, _ actions: inout [Action]
    ) {
        let isSameRun = envelope.stamp.run == stamp.run
        // A message of a life that is over, still on its way.
        if isSameRun, envelope.stamp.epoch < stamp.epoch { return }
        lastHeard = max(lastHeard, now)
        switch envelope.message {
        case .welcome(let welcome):
            settle(welcome, stamp: envelope.stamp, now: now, &actions)
            return
        case .refused(let refusal):
            exit(4, "refused by the coordinator: \(refusal)", &actions)
            return
        case .farewell(let farewell):
            part(farewell, now: now, &actions)
            return
        case .status:
            return
        default:
            break
        }
        let isAcquainted = envelope.stamp == stamp && stamp != .unknown
        if case .helloFirst = envelope.message {
            greetAgain(now: now, &actions)
        } else if !isAcquainted {
            greetAgain(now: now, &actions)
        } else {
            follow(envelope.message, now: now, &actions)
        }
    }

    private mutating func follow(
        _ message: CoordinatorMessage, now: Duration, _ actions: inout [Action]
    ) {
        switch message {
        case .assignment(let attempt, let assignment):
            take(Job(attempt: attempt, assignment: assignment), now: now, &actions)
        case .abandon(let attempt):
            if queued?.attempt == attempt { queued = nil }
            if running?.attempt == attempt { abandonRunning(&actions) }
        case .acknowledged(let attempt):
            pending.removeAll { $0.attempt == attempt }
            exitIfDrained(&actions)
        case .pong(let version):
            // Pongs may overtake each other; versions of one epoch only rise.
            if let version { newest = max(version, newest ?? version) }
        case .welcome, .refused, .farewell, .status, .helloFirst:
            break
        }
    }

    /// HELLO once more, unless one is on its way.
    private mutating func greetAgain(now: Duration, _ actions: inout [Action]) {
        if phase == .greeting || isDraining, now < hello.nextAt { return }
        hello = Retry()
        greet(now: now, &actions)
    }

    private mutating func settle(
        _ welcome: Welcome, stamp: RunStamp, now: Duration, _ actions: inout [Action]
    ) {
        guard welcome.documents != nil || welcome.digests == digests else {
            // It thinks we hold what we do not: ask as one who holds nothing.
            digests = nil
            greet(now: now, &actions)
            return
        }
        if stamp != self.stamp { enter(stamp, &actions) }
        timing = welcome.timing
        if welcome.documents != nil, welcome.digests != digests {
            version = nil
            actions.append(.prepare(welcome))
        }
        digests = welcome.digests
        newest = [newest, welcome.newest].compactMap { $0 }.max()
        hello = Retry()
        if isDraining {
            send(.goodbye(returning: []), &actions)
        } else {
            phase = .welcomed
        }
        for index in pending.indices { sendPending(index, now: now, &actions) }
    }

    /// Another life of the coordinator: what is computed and fetched for the old one is void; results that are done are
    /// offered once more, and it decides.
    private mutating func enter(_ stamp: RunStamp, _ actions: inout [Action]) {
        self.stamp = stamp
        version = nil
        newest = nil
        fetchTroubleSince = nil
        fetchRetry = Retry()
        queued = nil
        abandonRunning(&actions)
        abandonFetch(&actions)
    }

    private mutating func part(_ farewell: Farewell, now: Duration, _ actions: inout [Action]) {
        switch farewell {
        case .complete:
            sayGoodbye(&actions)
            exit(0, "the run is complete", &actions)
        case .failed:
            sayGoodbye(&actions)
            exit(1, "the run failed; the coordinator's log says why", &actions)
        case .interrupted:
            if isDraining {
                exit(0, "told to end", &actions)
                return
            }
            queued = nil
            abandonRunning(&actions)
            abandonFetch(&actions)
            phase = .greeting
            hello.note(at: now, first: timing.ping, longest: timing.silence)
            actions.append(.note("the coordinator was interrupted: waiting until it is back"))
        }
    }
}
