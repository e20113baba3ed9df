import Messaging
import Reinforcement
import Scheduling
import TestNetwork
import TestSupport
import Testing
import Wire
import ZeroMQ

/// What arrives on a coordinator's port from anyone but a worker.
struct `Hostile peers` {
    private static let good = Envelope(stamp: Samples.stamp, message: WorkerMessage.ready(PolicyVersion(4)))

    @Test func `malformed messages are told, counted and named, and real ones go on`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        let valid = try MessageCoder.encode(Self.good)
        var random = SplitMix(seed: 25)
        let nested = [UInt8](repeating: UInt8(ascii: "["), count: 50_000)
        let messages: [[[UInt8]]] = [
            [[]], [[0]], valid + [[]], [Array(valid[0].dropLast())], [[0xFF, 0xFE]], [nested],
            [[UInt8]](repeating: [1], count: 1000), [[UInt8]](repeating: [], count: 6),
            (0..<3).map { _ in (0..<1000).map { _ in random.byte() } },
        ]
        let peer = try RawPeer(to: coordinator.endpoint.text)
        for (count, message) in messages.enumerated() {
            try peer.send(message)
            let (id, error) = try await inbox.next("malformed message") { event in
                if case .malformed(let id, let error) = event { (id, error) } else { nil }
            }
            #expect(id.address.hasPrefix("127.0.0.1#"))
            #expect(!error.description.isEmpty)
            #expect(coordinator.counts.malformed == count + 1)
            try worker.send(Self.good)
            #expect(try await inbox.message().envelope == Self.good)
        }
        await worker.close()
        await coordinator.close()
    }

    @Test func `a thousand frames are refused by their number`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let peer = try RawPeer(to: coordinator.endpoint.text)
        try peer.send([[UInt8]](repeating: [1], count: 1000))
        let error = try await inbox.next("malformed message") { event in
            if case .malformed(_, let error) = event { error } else { nil }
        }
        #expect(error == WireError(.frameCount, field: "message", found: "1000 frames", wanted: "at most 6"))
        await coordinator.close()
    }

    @Test func `five hundred connections that send nothing, scans or garbage are closed while work goes on`()
        async throws
    {
        let coordinator = try await ZeroMQCoordinatorTransport(
            binding: Place.tcp.endpoint(), plan: .impatient)
        let inbox = Inbox(coordinator.events)
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        var random = SplitMix(seed: 28)
        let connections = try (0..<500).map { index in
            let connection = try RawConnection(to: coordinator.endpoint.text)
            // Silence, the beginning of a ZMTP greeting, an HTTP request, or bytes that are nothing.
            switch index % 4 {
            case 0: break
            case 1: connection.write([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3])
            case 2: connection.write(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            default: connection.write([0xFF] + (0..<255).map { _ in random.byte() })
            }
            return connection
        }
        for version in 0..<100 {
            let message = Envelope(stamp: Samples.stamp, message: WorkerMessage.ready(PolicyVersion(version)))
            try worker.send(message)
            #expect(try await inbox.message().envelope == message)
        }
        for (index, connection) in connections.enumerated() {
            // What looks like ZMTP 1.0, which knows no handshake, stays connected: "GET" is a frame of 71 bytes.
            if index % 4 == 2 { continue }
            #expect(connection.isClosed(within: .seconds(10)), "connection \(index)")
        }
        await worker.close()
        await coordinator.close()
    }

    @Test
    func `a frame that is too large breaks only its sender's connection, and what matters is sent again`()
        async throws
    {
        var plan = SocketPlan.impatient
        plan.largestPart = 10_000
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint(), plan: plan)
        let inbox = Inbox(coordinator.events)
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint, plan: .impatient)
        let events = Inbox(worker.events)
        let other = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint, plan: .impatient)
        try other.send(Self.good)
        #expect(try await inbox.message().envelope == Self.good)

        let assignment = Samples.round(assignments: 1)[0]
        let trace = Trace(
            id: SampleID(round: assignment.id.round, problem: 0, sample: 0),
            tokens: Array(repeating: 5, count: 10_000), logProbabilities: Array(repeating: -1, count: 10_000),
            version: assignment.id.round.version, finish: .length)
        let large = RolloutResult(attempt: Samples.attempt(of: assignment), traces: [trace], claims: nil)
        try worker.send(Envelope(stamp: Samples.stamp, message: .result(large)))
        // Behind it in the queue, and lost with it.
        try worker.send(Self.good)
        _ = try await events.next("disconnect") { $0 == .disconnected ? true : nil }

        try other.send(Self.good)
        #expect(try await inbox.message().envelope == Self.good)
        try worker.send(Envelope(stamp: Samples.stamp, message: .goodbye(returning: [])))
        let resent = try await inbox.next("message after the break") { event in
            if case .message(_, let envelope) = event, envelope.message == .goodbye(returning: []) {
                true
            } else {
                nil
            }
        }
        #expect(resent)
        for transport in [worker, other] { await transport.close() }
        await coordinator.close()
    }

    @Test func `a worker told nonsense says so and goes on`() async throws {
        let router = try Socket(.router, in: Context())
        let endpoint = try Endpoint(router.bind("tcp://127.0.0.1:*"))
        let worker = try await ZeroMQWorkerTransport(connecting: endpoint)
        let events = Inbox(worker.events)
        try worker.send(Self.good)
        let poller = Poller()
        poller.add(router, .readable)
        #expect(try poller.wait(timeout: .seconds(10)) == [.readable])
        guard case .message(let parts) = try router.receive(limits: .init(parts: 9, bytes: 9999)) else {
            Issue.record("no greeting")
            return
        }
        try router.send([.bytes(parts[0].bytes), .bytes([1, 2, 3])])
        let pong = Envelope(stamp: Samples.stamp, message: CoordinatorMessage.pong(newest: PolicyVersion(1)))
        try router.send([.bytes(parts[0].bytes)] + MessageCoder.encode(pong).map { .bytes($0) })
        guard case .malformed = try await events.next("event") else {
            Issue.record("nonsense was taken for something")
            return
        }
        #expect(try await events.message() == pong)
        #expect(worker.counts.malformed == 1)
        await worker.close()
    }
}
