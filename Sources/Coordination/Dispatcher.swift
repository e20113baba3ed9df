package import Reinforcement
package import Scheduling
package import Wire

/// The shell around `CoordinatorState`: feeds it events in order and executes the actions that it returns.
///
/// Nothing here waits for a socket, a disk or a tensor, so workers are answered at once whatever the step does.
package actor Dispatcher {
    private var state: CoordinatorState
    private let transport: any CoordinatorTransport
    private let examiner: Examiner
    private let journal: Journal
    private let start = ContinuousClock.now

    private var rounds: [RoundID: CheckedContinuation<[TraceGroup], any Error>] = [:]
    private var farewell: CheckedContinuation<Void, Never>?
    private var loops: [Task<Void, Never>] = []
    /// Set once; every round ends with it.
    private var end: (any Error)?
    /// Who generated the groups that are used of the rounds lately, by the problem's place.
    private var authors: [RoundID: [Int: String]] = [:]
    /// The problems of results whose examination has just ended.
    private var examined: [AttemptID: [Int]] = [:]
    private var statusText: @Sendable (CoordinatorReport) async -> [UInt8]
    private var accepted: @Sendable (String) async -> Void = { _ in }
    private var beat: @Sendable () -> Void = {}

    /// - Parameters:
    ///   - status: what `ponder status` is answered, JSON bytes.
    package init(
        _ configuration: CoordinatorState.Configuration, ledger: Ledger, transport: any CoordinatorTransport,
        examiner: Examiner, journal: Journal, status: @escaping @Sendable (CoordinatorReport) async -> [UInt8]
    ) {
        state = CoordinatorState(configuration, ledger: ledger, now: .zero)
        self.transport = transport
        self.examiner = examiner
        self.journal = journal
        statusText = status
    }

    /// Calls `body` with a worker's name whenever a result of it is used.
    package func onAccepted(_ body: @escaping @Sendable (String) async -> Void) { accepted = body }

    /// Calls `body` several times a second while messages are read.
    package func onBeat(_ body: @escaping @Sendable () -> Void) { beat = body }

    /// Begins to read messages and to keep time.
    package func open() {
        let pace = min(Duration.milliseconds(100), state.configuration.timing.ping / 4)
        loops = [
            Task {
                for await event in transport.events { take(event) }
            },
            Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: pace)
                    handle(.tick)
                    beat()
                }
            },
        ]
    }

    /// Ends the loops; what was sent is still delivered within the transport's bound.
    package func close() async {
        for loop in loops { loop.cancel() }
        await transport.close()
    }

    // MARK: - What the step asks for

    /// Remembers what earlier lives of the coordinator gave up.
    package func recall(_ setAside: [CoordinatorReport.SetAside]) { handle(.recalled(setAside)) }

    /// Has a round generated: returns its groups, in the order of the problems, when every assignment has one result.
    ///
    /// - Throws: `RunFailure` when the run cannot go on, or the error that `stop` was given.
    package func generate(_ assignments: [Assignment]) async throws -> [TraceGroup] {
        guard let round = assignments.first?.id.round else { return [] }
        if let end { throw end }
        return try await withCheckedThrowingContinuation { continuation in
            rounds[round] = continuation
            handle(.open(assignments))
        }
    }

    package func published(_ version: PolicyVersion) {
        authors = authors.filter { $0.key.step >= version.rawValue - 1 }
        handle(.published(version))
    }

    package func began(_ activity: CoordinatorState.Activity) { handle(.began(activity)) }

    /// Ends every round with an error; the run takes leave afterwards.
    package func stop(_ error: any Error) {
        guard end == nil else { return }
        end = error
        let waiting = rounds.values
        rounds = [:]
        for continuation in waiting { continuation.resume(throwing: error) }
    }

    /// Tells every worker why the run ends; returns when they have left, or had their time.
    package func takeLeave(_ reason: Farewell) async {
        await withCheckedContinuation { continuation in
            guard farewell == nil else { return continuation.resume() }
            farewell = continuation
            handle(.shutdown(reason))
        }
    }

    package var ledger: Ledger { state.ledger }
    package var report: CoordinatorReport { state.report(now: ContinuousClock.now - start) }

    /// Who generated the group of a problem; known for the rounds that are open and of the last two steps.
    package func author(of problem: Int, in round: RoundID) -> String? { authors[round]?[problem] }

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

    private func handle(_ event: CoordinatorState.Event) {
        for action in state.handle(event, now: ContinuousClock.now - start) { execute(action) }
    }

    private func execute(_ action: CoordinatorState.Action) {
        switch action {
        case .send(let envelope, let peer): send(envelope, to: peer)
        case .examine(let result, let assignment, let worker, let scrutiny):
            examine(result, assignment, of: worker, scrutiny: scrutiny)
        case .complete(let round, let groups): rounds.removeValue(forKey: round)?.resume(returning: groups)
        case .answerStatus(let peer):
            let report = report
            Task {
                let text = await statusText(report)
                send(Envelope(stamp: state.configuration.stamp, message: .status(text)), to: peer)
            }
        case .record(let event): record(event)
        case .fail(let failure): stop(failure)
        case .over:
            farewell?.resume()
            farewell = nil
        }
    }

    private func send(_ envelope: Envelope<CoordinatorMessage>, to peer: PeerID) {
        do {
            try transport.send(envelope, to: peer)
        } catch {
            journal.note("unsendable", "a message to \(peer) is too large: \(error)")
        }
    }

    private func examine(
        _ result: RolloutResult, _ assignment: Assignment, of worker: String, scrutiny: Double
    ) {
        Task {
            let finding = await examiner.examine(result, assignment, scrutiny: scrutiny)
            if finding.lies > 0 {
                journal.note(
                    "falseClaim",
                    "\(worker) claims other verdicts than \(finding.lies) of \(result.traces.count) answers deserve"
                )
            }
            if case .accepted(let groups) = finding.verdict {
                examined[result.attempt] = groups.map(\.problem.index)
            }
            handle(.examined(result.attempt, finding.verdict))
            examined[result.attempt] = nil
        }
    }

    private func record(_ event: RunEvent) {
        if case .attemptUsed(let attempt, let worker, _, _) = event {
            for problem in examined[attempt] ?? [] {
                authors[attempt.assignment.round, default: [:]][problem] = worker
            }
            Task { await accepted(worker) }
        }
        journal.note(event)
    }
}
