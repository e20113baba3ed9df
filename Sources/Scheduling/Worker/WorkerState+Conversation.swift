extension WorkerState {
    mutating func receive(_ envelope: Envelope<CoordinatorMessage>) {
        let isSameRun = envelope.stamp.run == stamp.run
        // A message of an earlier incarnation may arrive late.
        if isSameRun, envelope.stamp.incarnation < stamp.incarnation { return }
        lastHeard = max(lastHeard, now)
        switch envelope.message {
        case .welcome(let welcome):
            settle(welcome, stamp: envelope.stamp)
            return
        case .refused(let refusal):
            exit(4, "refused by the coordinator: \(refusal)")
            return
        case .farewell(let farewell):
            part(farewell)
            return
        case .status: return
        default: break
        }
        let isAcquainted = envelope.stamp == stamp && stamp != .unknown
        if isAcquainted, envelope.message != .helloFirst { follow(envelope.message) } else { greetAgain() }
    }

    private mutating func follow(_ message: CoordinatorMessage) {
        switch message {
        case .assignment(let attempt, let assignment): take(Job(attempt: attempt, assignment: assignment))
        case .abandon(let attempt):
            if queued?.attempt == attempt { queued = nil }
            if running?.attempt == attempt { abandonRunning() }
        case .acknowledged(let attempt):
            pending.removeAll { $0.attempt == attempt }
            exitIfDrained()
        case .challenge(let number): send(.alive(number))
        case .pong(let version):
            // Pongs may arrive out of order, and the versions of one incarnation only increase.
            if let version { newest = max(version, newest ?? version) }
        case .welcome, .refused, .farewell, .status, .helloFirst: break
        }
    }

    /// Says HELLO again, unless a HELLO is already on its way.
    private mutating func greetAgain() {
        if phase == .greeting || isDraining, now < hello.nextAt { return }
        hello = Retry()
        greet()
    }

    private mutating func settle(_ welcome: Welcome, stamp: RunStamp) {
        guard welcome.documents != nil || welcome.digests == digests else {
            // The coordinator believes that this worker holds documents that it does not hold, so it says
            // HELLO without digests.
            digests = nil
            greet()
            return
        }
        if stamp != self.stamp { enter(stamp) }
        timing = welcome.timing
        if welcome.documents != nil, welcome.digests != digests {
            version = nil
            outbox.append(.prepare(welcome))
        }
        digests = welcome.digests
        newest = [newest, welcome.newest].compactMap { $0 }.max()
        hello = Retry()
        if isDraining {
            send(.goodbye(returning: []))
        } else if phase != .welcomed {
            // A HELLO that was said twice is answered twice.
            phase = .welcomed
            noteWelcome()
        }
        for index in pending.indices { sendPending(index) }
    }

    /// Enters another incarnation of the coordinator, and drops the work and the fetch of the old one.
    ///
    /// Finished results are sent again, and the coordinator decides about them.
    private mutating func enter(_ stamp: RunStamp) {
        self.stamp = stamp
        version = nil
        newest = nil
        fetchTroubleSince = nil
        fetchRetry = Retry()
        queued = nil
        abandonRunning()
        abandonFetch()
    }

    private mutating func part(_ farewell: Farewell) {
        switch farewell {
        case .complete:
            sayGoodbye()
            exit(0, "the run is complete")
        case .failed:
            sayGoodbye()
            exit(1, "the run failed; the coordinator's log says why")
        case .interrupted:
            if isDraining {
                exit(0, "told to end")
                return
            }
            queued = nil
            abandonRunning()
            abandonFetch()
            phase = .greeting
            hello.record(at: now, first: timing.ping, longest: timing.silence)
            outbox.append(
                .note("the coordinator was interrupted: waiting until it is back at \(coordinator)"))
        }
    }
}
