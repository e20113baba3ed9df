import Reinforcement
package import Scheduling
package import Wire

/// A rule that a transport broke.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// A coordinator's transport and a way to make workers that reach it.
package struct TransportFixture: Sendable {
    package let coordinator: any CoordinatorTransport
    package let makeWorker: @Sendable () async throws -> any WorkerTransport

    package init(
        coordinator: any CoordinatorTransport,
        makeWorker: @escaping @Sendable () async throws -> any WorkerTransport
    ) {
        self.coordinator = coordinator
        self.makeWorker = makeWorker
    }
}

/// What every pair of transports must do; one test a check, each with a fixture of its own.
package enum TransportConformance: String, Sendable, CaseIterable {
    case everyWorkerMessageArrives, everyCoordinatorMessageArrives, orderIsKept, peersAreToldApart
    case reconnectIsANewPeer, sendingToNobodyIsHarmless, closingEndsTheStreams, aLargeResultArrives

    /// - Throws: `ConformanceFailure` or `Inbox.TimedOut`.
    package func check(_ fixture: TransportFixture) async throws {
        let inbox = Inbox(fixture.coordinator.events)
        switch self {
        case .everyWorkerMessageArrives: try await everyWorkerMessage(fixture, inbox)
        case .everyCoordinatorMessageArrives: try await everyCoordinatorMessage(fixture, inbox)
        case .orderIsKept: try await order(fixture, inbox)
        case .peersAreToldApart: try await peers(fixture, inbox)
        case .reconnectIsANewPeer: try await reconnect(fixture, inbox)
        case .sendingToNobodyIsHarmless: try await nobody(fixture, inbox)
        case .closingEndsTheStreams: try await closing(fixture, inbox)
        case .aLargeResultArrives: try await largeResult(fixture, inbox)
        }
    }

    private typealias CoordinatorInbox = Inbox<CoordinatorTransportEvent>

    private func everyWorkerMessage(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let worker = try await fixture.makeWorker()
        for message in Samples.workerMessages {
            let envelope = Envelope(stamp: Samples.stamp, message: message)
            try worker.send(envelope)
            try require(try await inbox.message().envelope == envelope, "\(message) came changed")
        }
        try await end(fixture, [worker])
    }

    private func everyCoordinatorMessage(
        _ fixture: TransportFixture, _ inbox: CoordinatorInbox
    ) async throws {
        let worker = try await fixture.makeWorker()
        let replies = Inbox(worker.events)
        let peer = try await introduce(worker, "worker-1", inbox)
        for message in Samples.coordinatorMessages {
            let envelope = Envelope(stamp: Samples.stamp, message: message)
            try fixture.coordinator.send(envelope, to: peer)
            try require(try await replies.message() == envelope, "\(message) came changed")
        }
        try await end(fixture, [worker])
    }

    private func order(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let worker = try await fixture.makeWorker()
        for version in 0..<200 { try worker.send(envelope(.ready(PolicyVersion(version)))) }
        for version in 0..<200 {
            let message = try await inbox.message().envelope.message
            try require(message == .ready(PolicyVersion(version)), "\(message) in place of ready \(version)")
        }
        try await end(fixture, [worker])
    }

    private func peers(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let workers = [try await fixture.makeWorker(), try await fixture.makeWorker()]
        let replies = workers.map { Inbox($0.events) }
        let ids = [
            try await introduce(workers[0], "worker-1", inbox),
            try await introduce(workers[1], "worker-2", inbox),
        ]
        try require(ids[0] != ids[1], "two workers have one id")
        for index in [1, 0] {
            try fixture.coordinator.send(answer(.pong(newest: PolicyVersion(index))), to: ids[index])
        }
        for index in [0, 1] {
            let message = try await replies[index].message().message
            try require(message == .pong(newest: PolicyVersion(index)), "worker \(index) got \(message)")
        }
        try await end(fixture, workers)
    }

    private func reconnect(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let worker = try await fixture.makeWorker()
        let replies = Inbox(worker.events)
        let old = try await introduce(worker, "worker-1", inbox)
        await worker.reconnect()
        let new = try await introduce(worker, "worker-1", inbox)
        try require(old != new, "a new connection has the old one's id")
        try fixture.coordinator.send(answer(.helloFirst), to: old)
        try fixture.coordinator.send(answer(.pong(newest: nil)), to: new)
        let message = try await replies.message().message
        try require(message == .pong(newest: nil), "the old connection's \(message) came after a reconnect")
        try await end(fixture, [worker])
    }

    private func nobody(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let worker = try await fixture.makeWorker()
        let peer = try await introduce(worker, "worker-1", inbox)
        await worker.close()
        for _ in 0..<100 { try fixture.coordinator.send(answer(.pong(newest: nil)), to: peer) }
        try fixture.coordinator.send(
            answer(.pong(newest: nil)), to: PeerID(bytes: [0, 9, 9, 9, 9], address: "nobody"))
        let next = try await fixture.makeWorker()
        _ = try await introduce(next, "worker-2", inbox)
        try await end(fixture, [worker, next])
    }

    private func closing(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let worker = try await fixture.makeWorker()
        let replies = Inbox(worker.events)
        _ = try await introduce(worker, "worker-1", inbox)
        await worker.close()
        await worker.close()
        try require(await replies.ends(), "a closed worker's stream goes on")
        try worker.send(envelope(.statusRequest))
        await worker.reconnect()
        await fixture.coordinator.close()
        await fixture.coordinator.close()
        try require(await inbox.ends(), "a closed coordinator's stream goes on")
    }

    private func largeResult(_ fixture: TransportFixture, _ inbox: CoordinatorInbox) async throws {
        let assignment = Samples.round(assignments: 1)[0]
        let attempt = Samples.attempt(of: assignment)
        let trace = Trace(
            id: SampleID(round: assignment.id.round, problem: 0, sample: 0),
            tokens: Array(repeating: 5, count: 500_000),
            logProbabilities: Array(repeating: -0.5, count: 500_000), version: assignment.id.round.version,
            finish: .length)
        let sent = envelope(.result(RolloutResult(attempt: attempt, traces: [trace], claims: nil)))
        let worker = try await fixture.makeWorker()
        try worker.send(sent)
        try require(try await inbox.message().envelope == sent, "a result of 4 MB came changed")
        try await end(fixture, [worker])
    }

    // MARK: - Helpers

    private func envelope(_ message: WorkerMessage) -> Envelope<WorkerMessage> {
        Envelope(stamp: Samples.stamp, message: message)
    }

    private func answer(_ message: CoordinatorMessage) -> Envelope<CoordinatorMessage> {
        Envelope(stamp: Samples.stamp, message: message)
    }

    private func introduce(
        _ worker: any WorkerTransport, _ name: String, _ inbox: CoordinatorInbox
    ) async throws -> PeerID {
        try worker.send(envelope(.hello(Samples.hello(name))))
        let (peer, envelope) = try await inbox.message()
        guard case .hello(let hello) = envelope.message, hello.name == name else {
            throw ConformanceFailure("\(envelope.message) in place of the HELLO of \(name)")
        }
        return peer
    }

    private func end(_ fixture: TransportFixture, _ workers: [any WorkerTransport]) async throws {
        for worker in workers { await worker.close() }
        await fixture.coordinator.close()
    }

    private func require(_ condition: Bool, _ failure: @autoclosure () -> String) throws {
        if !condition { throw ConformanceFailure(failure()) }
    }
}

extension Inbox<CoordinatorTransportEvent> {
    /// The next message; other events before it are skipped.
    package func message() async throws -> (peer: PeerID, envelope: Envelope<WorkerMessage>) {
        try await next("message of a worker") { event in
            if case .message(let peer, let envelope) = event { (peer, envelope) } else { nil }
        }
    }
}

extension Inbox<WorkerTransportEvent> {
    /// The next message; other events before it are skipped.
    package func message() async throws -> Envelope<CoordinatorMessage> {
        try await next("message of the coordinator") { event in
            if case .message(let envelope) = event { envelope } else { nil }
        }
    }
}
