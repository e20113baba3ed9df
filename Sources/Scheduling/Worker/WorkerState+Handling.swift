import Primitives
import Reinforcement

extension WorkerState {
    /// Takes one event in and says what follows from it.
    ///
    /// - Parameter now: since any fixed start, never going back.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        guard phase != .ended else { return [] }
        var actions: [Action] = []
        switch event {
        case .start:
            lastHeard = now
            greet(now: now, &actions)
        case .received(let envelope):
            receive(envelope, now: now, &actions)
        case .malformed(let reason):
            actions.append(.note("the coordinator's message cannot be read: \(reason)"))
        case .incompatible(let theirs, let ours):
            exit(4, "the coordinator speaks protocol \(theirs), this worker \(ours)", &actions)
        case .shutOut(let reason):
            exit(4, reason, &actions)
        case .unprepared(let reason):
            exit(4, reason, &actions)
        case .disconnected:
            if phase == .welcomed { greet(now: now, &actions) }
        case .weightsReady(let version):
            finishFetch(version, failure: nil, now: now, &actions)
        case .weightsFailed(let version, let reason):
            finishFetch(version, failure: reason, now: now, &actions)
        case .rolloutFinished(let result):
            finishRollout(result.attempt, .result(result), now: now, &actions)
        case .rolloutFailed(let attempt, let reason):
            finishRollout(attempt, .failed(attempt, reason: reason), now: now, &actions)
        case .terminate:
            drain(now: now, &actions)
        case .parentGone:
            exit(3, "the parent process is gone", &actions)
        case .tick:
            tick(now: now, &actions)
        }
        proceed(now: now, &actions)
        return actions
    }

    private mutating func tick(now: Duration, _ actions: inout [Action]) {
        let gap = now - lastTick
        lastTick = now
        // A process that was stopped has not listened meanwhile: the coordinator is not to blame for that time.
        if gap >= timing.silence { lastHeard = min(now, lastHeard + gap) }
        let silent = now - lastHeard
        if case .draining(let until) = phase {
            if now >= until {
                sayGoodbye(&actions)
                exit(0, "told to end; \(pending.count) results were not acknowledged", &actions)
            }
        } else if silent >= timing.gone {
            exit(3, "the coordinator has said nothing for \(silent.seconds) s", &actions)
        } else if phase == .welcomed, silent >= timing.silence {
            actions.append(.note("the coordinator has said nothing for \(silent.seconds) s: dialing again"))
            actions.append(.reconnect)
            hello = Retry()
            greet(now: now, &actions)
        } else if phase == .greeting, now >= hello.nextAt {
            // What was queued on a dead connection goes with it, so HELLOs do not pile up.
            if hello.tries % 4 == 3 { actions.append(.reconnect) }
            greet(now: now, &actions)
        }
        guard phase == .welcomed || isDraining else { return }
        if now - lastPing >= timing.ping {
            lastPing = now
            send(.ping(standing), &actions)
        }
        for index in pending.indices where now >= pending[index].retry.nextAt {
            sendPending(index, now: now, &actions)
        }
    }

    var isDraining: Bool {
        if case .draining = phase { true } else { false }
    }

    var standing: WorkerStanding {
        WorkerStanding(
            version: version,
            working: [running, queued].compactMap { $0 }.filter { !$0.isAbandoned }.map(\.attempt),
            pending: pending.map(\.attempt))
    }

    func send(_ message: WorkerMessage, _ actions: inout [Action]) {
        actions.append(.send(Envelope(stamp: stamp, message: message)))
    }

    mutating func greet(now: Duration, _ actions: inout [Action]) {
        if !isDraining { phase = .greeting }
        hello.note(at: now, first: timing.ping, longest: timing.silence)
        send(
            .hello(
                Hello(
                    name: identity.name, instance: identity.instance, host: identity.host,
                    process: identity.process, machine: identity.machine, digests: digests,
                    standing: standing)),
            &actions)
    }

    mutating func exit(_ code: Int32, _ reason: String, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        phase = .ended
        actions.append(.exit(code: code, reason: reason))
    }

    /// Told to end: leases go back at once, results that are done are still delivered, and so are the problems that are done of
    /// an assignment that may come back in parts.
    private mutating func drain(now: Duration, _ actions: inout [Action]) {
        guard !isDraining else {
            exit(0, "told to end twice", &actions)
            return
        }
        phase = .draining(until: now + timing.grace)
        if let running, !running.isAbandoned, running.assignment.isDivisible, stamp != .unknown {
            send(.goodbye(returning: queued.map { [$0.attempt] } ?? []), &actions)
            queued = nil
            actions.append(.curtailRollout(running.attempt))
        } else {
            sayGoodbye(&actions)
        }
        exitIfDrained(&actions)
    }

    mutating func sayGoodbye(_ actions: inout [Action]) {
        if stamp != .unknown { send(.goodbye(returning: standing.working), &actions) }
        queued = nil
        abandonRunning(&actions)
    }

    mutating func exitIfDrained(_ actions: inout [Action]) {
        let isWorking = running.map { !$0.isAbandoned } ?? false
        if isDraining, pending.isEmpty, !isWorking { exit(0, "told to end", &actions) }
    }

    /// What the worker waits for, for its log.
    package var waitingFor: String {
        switch phase {
        case .new, .greeting: "the coordinator's welcome"
        case .draining:
            "\(pending.count) results to be acknowledged\(running.map { ", the end of \($0.attempt)" } ?? "")"
        case .ended: "nothing"
        case .welcomed:
            if let running {
                "\(running.attempt)"
            } else if let fetch {
                "the weights of policy \(fetch.version.rawValue)"
            } else if newest == nil {
                "a first policy"
            } else if version == nil {
                "weights that could not be fetched, to be tried again"
            } else {
                "an assignment"
            }
        }
    }
}
