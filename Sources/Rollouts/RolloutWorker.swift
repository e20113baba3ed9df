import Foundation
package import Scheduling
package import WeightTransfer
package import Wire

/// A rollout worker: the shell around `WorkerState`, which decides everything.
///
/// | loop | consumes | waits for | unblocked by |
/// | --- | --- | --- | --- |
/// | state | events of all loops below, in order | the next event | ticks, several a second |
/// | transport | messages of the coordinator | the socket | `close` |
/// | work | prepare, fetch, generate | weights, the engine | deadlines of the fetch |
///
/// Computation runs on the engine's thread and sockets run on theirs, so heartbeats continue meanwhile.
package final class RolloutWorker: Sendable {
    /// Opens the weights port that a welcome names.
    package typealias WeightsConnector = @Sendable (WeightsAddress) async throws -> any WeightFetching

    /// How a worker ended; `code` is the process's exit code.
    package struct Ending: Sendable, Hashable {
        package let code: Int32
        package let reason: String
    }

    private let identity: WorkerState.Identity
    private let timing: WorkerTiming
    private let transport: any WorkerTransport
    private let work: WorkQueue
    private let log: @Sendable (String) -> Void
    private let beat: @Sendable () -> Void
    private let events: AsyncStream<WorkerState.Event>
    private let inbox: AsyncStream<WorkerState.Event>.Continuation

    /// - Parameters:
    ///   - timing: the timing until a welcome brings the run's own.
    ///   - log: receives one line a call.
    ///   - beat: called several times a second while the loop that answers the coordinator runs.
    package init(
        identity: WorkerState.Identity, timing: WorkerTiming = .standard, transport: any WorkerTransport,
        weights: @escaping WeightsConnector, engine: any RolloutEngine,
        log: @escaping @Sendable (String) -> Void,
        beat: @escaping @Sendable () -> Void = {}
    ) {
        self.identity = identity
        self.timing = timing
        self.transport = transport
        self.log = log
        self.beat = beat
        (events, inbox) = AsyncStream.makeStream()
        work = WorkQueue(engine: engine, connect: weights, report: { [inbox] in inbox.yield($0) })
    }

    /// Tells the worker what its process learned: `.terminate` or `.parentGone`.
    package func tell(_ event: WorkerState.Event) { inbox.yield(event) }

    /// Works until the run is over, the coordinator is gone, or the worker is told to end.
    package func run() async -> Ending {
        let start = ContinuousClock.now
        var state = WorkerState(
            identity, coordinator: transport.address, timing: timing, now: .zero)
        let reader = Task { await read() }
        let ticker = Task { await tick() }
        defer {
            reader.cancel()
            ticker.cancel()
        }
        inbox.yield(.start)
        var ending = Ending(code: 1, reason: "the worker's events ended")
        loop: for await event in events {
            if event == .tick { beat() }
            if case .received(let envelope) = event, case .welcome(let welcome) = envelope.message {
                work.note(welcome.weights)
            }
            for action in state.handle(event, now: ContinuousClock.now - start) {
                if case .exit(let code, let reason) = action {
                    ending = Ending(code: code, reason: reason)
                    break loop
                }
                await execute(action)
            }
        }
        inbox.finish()
        work.stop()
        await transport.close()
        return ending
    }

    private func execute(_ action: WorkerState.Action) async {
        switch action {
        case .send(let envelope):
            do {
                try transport.send(envelope)
            } catch {
                log("a message is too large to be sent: \(error)")
                // The result would otherwise be sent again without end; the coordinator gets a reason
                // instead.
                if case .result(let result) = envelope.message {
                    try? transport.send(
                        Envelope(
                            stamp: envelope.stamp,
                            message: .failed(result.attempt, reason: "the result cannot be sent: \(error)")))
                }
            }
        case .reconnect: await transport.reconnect()
        case .prepare(let welcome): work.prepare(welcome)
        case .fetch(let version): work.fetch(version)
        case .abandonFetch(let version): work.abandonFetch(version)
        case .generate(let attempt, let assignment): work.generate(attempt, assignment)
        case .abandonRollout(let attempt): work.abandon(attempt)
        case .curtailRollout(let attempt): work.curtail(attempt)
        case .diagnose:
            Task { [transport, inbox] in inbox.yield(.diagnosed(await transport.diagnosis())) }
        case .note(let text): log(text)
        case .exit: break
        }
    }

    private func read() async {
        for await event in transport.events {
            switch event {
            case .message(let envelope): inbox.yield(.received(envelope))
            case .malformed(let error):
                if let theirs = error.theirProtocol {
                    inbox.yield(.incompatible(theirs: theirs, ours: WireProtocol.version))
                } else {
                    inbox.yield(.malformed(attempt: error.attempt, reason: "\(error)"))
                }
            case .disconnected: inbox.yield(.disconnected)
            case .shutOut(let reason): inbox.yield(.shutOut(reason: reason))
            }
        }
    }

    private func tick() async {
        let pace = min(Duration.milliseconds(100), timing.ping / 4)
        while !Task.isCancelled {
            try? await Task.sleep(for: pace)
            inbox.yield(.tick)
        }
    }
}
