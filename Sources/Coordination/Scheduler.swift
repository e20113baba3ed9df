package import Reinforcement
package import Scheduling
package import Wire

/// The shell around `SchedulerState`: feeds it events in order and executes the actions that it returns.
///
/// Nothing here waits for a socket, a disk or a tensor, so workers are answered at once while the step does other things.
package actor Scheduler {
    /// Scores a worker's result again and audits a share of its traces; `scrutiny` multiplies the share.
    package typealias Examination =
        @Sendable (
            _ result: RolloutResult, _ assignment: Assignment, _ worker: String, _ scrutiny: Double
        ) async -> ExaminationOutcome

    private var state: SchedulerState
    private let transport: any CoordinatorTransport
    private let examine: Examination
    private let journal: Journal
    private let start = ContinuousClock.now

    /// The continuations that wait for an open round's groups.
    private var rounds: [RoundID: CheckedContinuation<[TraceGroup], any Error>] = [:]
    private var farewell: CheckedContinuation<Void, Never>?
    private var loops: [Task<Void, Never>] = []
    /// The error that ends every round; set once.
    private var end: (any Error)?
    private let statusText: @Sendable (CoordinatorReport) async -> [UInt8]
    private var accepted: @Sendable (String) async -> Void = { _ in }
    private var beat: @Sendable () -> Void = {}

    /// - Parameter status: returns the answer to `ponder status`, as JSON in UTF-8.
    package init(
        _ configuration: SchedulerState.Configuration, ledger: Ledger, transport: any CoordinatorTransport,
        journal: Journal, examine: @escaping Examination,
        status: @escaping @Sendable (CoordinatorReport) async -> [UInt8]
    ) {
        state = SchedulerState(configuration, ledger: ledger, now: .zero)
        self.transport = transport
        self.examine = examine
        self.journal = journal
        statusText = status
    }

    /// Calls `body` with a worker's name whenever one of its results is used.
    package func onAccepted(_ body: @escaping @Sendable (String) async -> Void) { accepted = body }

    /// Calls `body` several times a second while messages are read.
    package func onBeat(_ body: @escaping @Sendable () -> Void) { beat = body }

    /// Starts to read messages and to send ticks.
    package func open() {
        let pause = min(Duration.milliseconds(100), state.configuration.timing.ping / 4)
        loops = [
            Task {
                for await event in transport.events { take(event) }
            },
            Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: pause)
                    handle(.tick)
                    beat()
                }
            },
        ]
    }

    /// Ends the loops; the transport still delivers messages that were sent, within its time limit.
    package func close() async {
        for loop in loops { loop.cancel() }
        await transport.close()
    }

    // MARK: - Requests of the training step

    /// Takes over the assignments that earlier incarnations of the coordinator set aside.
    package func recall(_ setAside: [CoordinatorReport.SetAside]) { handle(.recalled(setAside)) }

    /// Opens a round and waits until it is generated.
    ///
    /// - Returns: the groups in the order of the problems; groups of assignments that were set aside are
    ///   missing.
    /// - Throws: `RunFailure` when the run cannot continue, `RoundCancelled` when it ends, or the error that `stop` was
    ///   given.
    package func generate(_ assignments: [Assignment]) async throws -> [TraceGroup] {
        guard let round = assignments.first?.id.round else { return [] }
        if let end { throw end }
        return try await withCheckedThrowingContinuation { continuation in
            rounds[round] = continuation
            handle(.open(assignments))
        }
    }

    package func published(_ version: PolicyVersion) { handle(.published(version)) }

    package func began(_ activity: SchedulerState.Activity) { handle(.began(activity)) }

    /// Ends every round with an error; the farewell to the workers follows.
    package func stop(_ error: any Error) {
        guard end == nil else { return }
        end = error
        let waiting = rounds.values
        rounds = [:]
        for continuation in waiting { continuation.resume(throwing: error) }
    }

    /// Ends the open rounds and tells every worker why the run ends.
    ///
    /// Returns when the workers have left, or when their grace period is over.
    package func takeLeave(_ reason: Farewell) async {
        await withCheckedContinuation { continuation in
            guard farewell == nil else { return continuation.resume() }
            farewell = continuation
            handle(.shutdown(reason))
        }
    }

    package var ledger: Ledger { state.ledger }
    package var report: CoordinatorReport { state.report(now: ContinuousClock.now - start) }

    // MARK: - Events in, actions out

    private func take(_ event: CoordinatorTransportEvent) {
        switch event {
        case .message(let peer, let envelope): handle(.received(envelope, from: peer))
        case .malformed(let peer, let error):
            if let theirs = error.theirProtocol {
                handle(.incompatible(from: peer, theirs: theirs, ours: WireProtocol.version))
            } else {
                handle(.malformed(from: peer, reason: "\(error)"))
            }
        case .disconnected(let peer): handle(.disconnected(peer))
        case .revoked(let peer): handle(.revoked(peer))
        }
    }

    /// Handles an event, then the events that its actions cause.
    private func handle(_ event: SchedulerState.Event) {
        var events = [event]
        while !events.isEmpty {
            for action in state.handle(events.removeFirst(), now: ContinuousClock.now - start) {
                if let consequence = execute(action) { events.append(consequence) }
            }
        }
    }

    private func execute(_ action: SchedulerState.Action) -> SchedulerState.Event? {
        switch action {
        case .send(let envelope, let peer): return send(envelope, to: peer)
        case .examine(let result, let assignment, let worker, let scrutiny):
            Task {
                let outcome = await examine(result, assignment, worker, scrutiny)
                handle(.examined(result.attempt, outcome))
            }
        case .complete(let round, let groups): rounds.removeValue(forKey: round)?.resume(returning: groups)
        case .cancel(let round, let farewell):
            rounds.removeValue(forKey: round)?.resume(
                throwing: RoundCancelled(round: round, farewell: farewell))
        case .answerStatus(let peer):
            let report = report
            Task {
                let text = await statusText(report)
                _ = send(Envelope(stamp: state.configuration.stamp, message: .status(text)), to: peer)
            }
        case .record(let event):
            journal.note(event)
            if case .attemptUsed(_, let worker, _, _) = event { Task { await accepted(worker) } }
        case .fail(let failure): stop(failure)
        case .over:
            farewell?.resume()
            farewell = nil
        }
        return nil
    }

    /// - Returns: the event for the state when the message cannot be sent; nil otherwise.
    private func send(_ envelope: Envelope<CoordinatorMessage>, to peer: PeerID) -> SchedulerState.Event? {
        do {
            try transport.send(envelope, to: peer)
            return nil
        } catch {
            journal.note("unsendable", "a message to \(peer) cannot be sent: \(error)")
            return .unsendable(envelope.message, reason: "it cannot be sent: \(error)")
        }
    }
}

/// The run ended while this round was open or requested.
package struct RoundCancelled: Error, Sendable, Hashable, CustomStringConvertible {
    package let round: RoundID
    package let farewell: Farewell

    package var description: String {
        "the \(round) was not generated, because the run ended (\(farewell.rawValue))"
    }
}
