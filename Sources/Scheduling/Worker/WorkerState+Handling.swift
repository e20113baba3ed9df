import DequeModule
import Primitives
import Reinforcement

extension WorkerState {
    /// Handles one event and returns the actions that follow from it.
    ///
    /// - Parameter now: time since any fixed start; never decreases.
    package mutating func handle(_ event: Event, now: Duration) -> [Action] {
        guard phase != .ended else { return [] }
        self.now = now
        defer { outbox = [] }
        switch event {
        case .start:
            lastHeard = now
            outbox.append(.note("dialing \(coordinator)"))
            greet()
        case .received(let envelope): receive(envelope)
        case .malformed(let attempt, let reason):
            outbox.append(.note("the coordinator's message cannot be read: \(reason)"))
            if let attempt { refuse(attempt, reason: reason) }
        case .incompatible(let theirs, let ours):
            exit(4, "the coordinator speaks protocol \(theirs), this worker \(ours)")
        case .shutOut(let reason), .unprepared(let reason): exit(4, reason)
        case .disconnected: if phase == .welcomed { greet() }
        case .diagnosed(let reason): explainSilence(reason)
        case .weightsReady(let version): finishFetch(version, failure: nil)
        case .weightsFailed(let version, let reason): finishFetch(version, failure: reason)
        case .rolloutFinished(let result): finishRollout(result.attempt, .result(result))
        case .rolloutFailed(let attempt, let reason):
            finishRollout(attempt, .failed(attempt, reason: reason))
        case .terminate: drain()
        case .parentGone: exit(3, "the parent process is gone")
        case .tick: tick()
        }
        proceed()
        return outbox
    }

    private mutating func tick() {
        let gap = now - lastTick
        lastTick = now
        // A process that was stopped did not listen in the meantime, so the coordinator is not blamed for
        // that time.
        if gap >= timing.silence { lastHeard = min(now, lastHeard + gap) }
        let silent = now - lastHeard
        if case .draining(let until) = phase {
            if now >= until {
                sayGoodbye()
                exit(0, "told to end; \(pending.count) results were not acknowledged")
            }
        } else if silent >= timing.gone {
            exit(3, silenceReason)
        } else if phase == .welcomed, silent >= timing.silence {
            outbox.append(
                .note("the coordinator has said nothing for \(silent.text): dialing \(coordinator) again"))
            outbox.append(.reconnect)
            hello = Retry()
            greet()
        } else if phase == .greeting, now >= hello.nextAt {
            // Reconnecting drops the messages that are queued on a dead connection, so HELLOs do not pile up.
            if hello.tries % 4 == 3 { outbox.append(.reconnect) }
            greet()
        }
        if phase == .greeting { complainIfAlone() }
        reportIfDue()
        guard phase == .welcomed || isDraining else { return }
        if now - lastPing >= timing.ping {
            lastPing = now
            send(.ping(standing))
        }
        for index in pending.indices where now >= pending[index].retry.nextAt {
            sendPending(index)
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

    mutating func send(_ message: WorkerMessage) {
        outbox.append(.send(Envelope(stamp: stamp, message: message)))
    }

    mutating func greet() {
        if !isDraining { phase = .greeting }
        hello.record(at: now, first: timing.ping, longest: timing.silence)
        send(
            .hello(
                Hello(
                    name: identity.name, instance: identity.instance, host: identity.host,
                    process: identity.process, machine: identity.machine, digests: digests,
                    standing: standing)))
    }

    mutating func exit(_ code: Int32, _ reason: String) {
        guard phase != .ended else { return }
        phase = .ended
        outbox.append(.exit(code: code, reason: reason))
    }

    /// Prepares to end: returns the worker's leases at once.
    ///
    /// Finished results are still delivered, and so are the finished problems of an assignment that may come
    /// back in parts.
    private mutating func drain() {
        guard !isDraining else {
            exit(0, "told to end twice")
            return
        }
        phase = .draining(until: now + timing.grace)
        if let running, !running.isAbandoned, running.assignment.isDivisible, stamp != .unknown {
            send(.goodbye(returning: queued.map { [$0.attempt] } ?? []))
            queued = nil
            outbox.append(.curtailRollout(running.attempt))
        } else {
            sayGoodbye()
        }
        exitIfDrained()
    }

    mutating func sayGoodbye() {
        if stamp != .unknown { send(.goodbye(returning: standing.working)) }
        queued = nil
        abandonRunning()
    }

    mutating func exitIfDrained() {
        let isWorking = running.map { !$0.isAbandoned } ?? false
        if isDraining, pending.isEmpty, !isWorking { exit(0, "told to end") }
    }

    /// What the worker waits for, for the log.
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
