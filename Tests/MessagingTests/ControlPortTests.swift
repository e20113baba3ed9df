import Foundation
import Messaging
import Reinforcement
import Scheduling
import TestNetwork
import TestSupport
import Testing
import Wire
import ZeroMQ

struct `The control port` {
    private static func ready(_ version: Int) -> Envelope<WorkerMessage> {
        Envelope(stamp: Samples.stamp, message: .ready(PolicyVersion(version)))
    }

    @Test func `a port in use is an error that names it and the remedy`() async throws {
        let first = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let error = await #expect(throws: ZeroMQError.self) {
            try await ZeroMQCoordinatorTransport(binding: first.endpoint)
        }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains("\(first.endpoint): Address already in use (port in use") == true)
        await first.close()
        // Once it is closed, the port is free at once.
        await (try await ZeroMQCoordinatorTransport(binding: first.endpoint)).close()
    }

    @Test func `a path in use is not taken away from its owner, a dead owner's is free`() async throws {
        let first = try await ZeroMQCoordinatorTransport(binding: Place.ipc.endpoint())
        let error = await #expect(throws: ZeroMQError.self) {
            try await WeightServer(binding: first.endpoint)
        }
        #expect(error?.code == .addressInUse)
        let inbox = Inbox(first.events)
        let worker = try await ZeroMQWorkerTransport(connecting: first.endpoint)
        try worker.send(Self.ready(1))
        #expect(try await inbox.message().envelope == Self.ready(1))
        await worker.close()
        await first.close()

        guard case .ipc(let path) = first.endpoint else { return }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        await (try await ZeroMQCoordinatorTransport(binding: first.endpoint)).close()
    }

    @Test func `an endpoint that others reach is refused before it is bound`() async throws {
        await #expect(throws: EndpointError.openToOthers("tcp://0.0.0.0:*")) {
            try await ZeroMQCoordinatorTransport(binding: Endpoint("tcp://0.0.0.0:*"))
        }
        await #expect(throws: EndpointError.openToOthers("tcp://*:*")) {
            try await WeightServer(binding: Endpoint("tcp://*:*"))
        }
    }

    @Test func `too few files are a refusal at the start`() async {
        await #expect(processExitsWith: .exitCode(4)) {
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(1) }
            do {
                _ = try await ZeroMQCoordinatorTransport(binding: Endpoint("tcp://127.0.0.1:*"))
            } catch let error as FileDescriptorShortage {
                exit(error.description.contains("ulimit -n") ? 4 : 2)
            }
            exit(3)
        }
    }

    @Test func `a worker finds a coordinator that was not there yet, and one that came back`() async throws {
        let place = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        await place.close()
        let worker = try await ZeroMQWorkerTransport(connecting: place.endpoint, plan: .impatient)
        let events = Inbox(worker.events)
        for life in 1...3 {
            try worker.send(Self.ready(life))
            let coordinator = try await ZeroMQCoordinatorTransport(binding: place.endpoint)
            let inbox = Inbox(coordinator.events)
            let (peer, envelope) = try await inbox.message()
            #expect(envelope == Self.ready(life))
            let pong = Envelope(
                stamp: Samples.stamp, message: CoordinatorMessage.pong(newest: PolicyVersion(life)))
            try coordinator.send(pong, to: peer)
            #expect(try await events.message() == pong)
            await coordinator.close()
            _ = try await events.next("disconnect") { $0 == .disconnected ? true : nil }
        }
        await worker.close()
    }

    @Test func `a coordinator that has keys shuts a worker without keys out, with the reason`() async throws {
        let router = try Socket(.router, in: Context())
        try router.set(.curveServer, true)
        try router.set(.curveSecretKey, CurveKeyPair.generate().secretKey)
        let endpoint = try Endpoint(router.bind("tcp://127.0.0.1:*"))
        let worker = try await ZeroMQWorkerTransport(connecting: endpoint)
        let reason = try await Inbox(worker.events).next("refusal") { event in
            if case .shutOut(let reason) = event { reason } else { nil }
        }
        #expect(
            reason == "\(endpoint): one side uses keys and the other none: give --keys DIR to this side too")
        await worker.close()
    }

    @Test func `a result sent twice is two events`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        let assignment = Samples.round()[0]
        let result = Envelope(
            stamp: Samples.stamp,
            message: WorkerMessage.result(Samples.result(Samples.attempt(of: assignment), assignment)))
        for _ in 0..<2 { try worker.send(result) }
        let first = try await inbox.message()
        let second = try await inbox.message()
        #expect(first.envelope == result && second.envelope == result && first.peer == second.peer)
        await worker.close()
        await coordinator.close()
    }

    @Test func `a reader that comes late finds everything in order`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        var plan = SocketPlan()
        plan.highWater = 6000
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint, plan: plan)
        // More than the inbox holds; what it does not hold waits in the queues behind it.
        let count = 5000
        for version in 0..<count { try worker.send(Self.ready(version)) }
        let inbox = Inbox(coordinator.events)
        for version in 0..<count {
            let envelope = try await inbox.message().envelope
            guard envelope == Self.ready(version) else {
                Issue.record("\(envelope) in place of \(version); \(worker.counts)")
                break
            }
        }
        #expect(worker.counts == TransportCounts())
        await worker.close()
        await coordinator.close()
    }

    @Test func `a peer that does not read loses its own messages and holds nobody up`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let stuck = try RawPeer(to: coordinator.endpoint.text)
        try stuck.send(MessageCoder.encode(Self.ready(0)))
        let deaf = try await inbox.message().peer
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        let replies = Inbox(worker.events)
        try worker.send(Self.ready(1))
        let peer = try await inbox.message().peer

        let large = Envelope(
            stamp: Samples.stamp, message: CoordinatorMessage.status([UInt8](repeating: 32, count: 60_000)))
        let pong = Envelope(stamp: Samples.stamp, message: CoordinatorMessage.pong(newest: PolicyVersion(1)))
        // Beyond both queues of 256 and 1000, and the megabytes that the kernel holds.
        for _ in 0..<20 {
            for _ in 0..<200 { try coordinator.send(large, to: deaf) }
            try coordinator.send(pong, to: peer)
            #expect(try await replies.message() == pong)
        }
        #expect(coordinator.counts.overflowed > 0)
        #expect(coordinator.counts.unreachable == 0)
        await worker.close()
        stuck.drop()
        await coordinator.close()
    }

    @Test func `a peer that is gone is told once it is spoken to`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let nobody = PeerID(bytes: [0, 1, 2, 3, 4], address: "nobody")
        try coordinator.send(Envelope(stamp: Samples.stamp, message: .helloFirst), to: nobody)
        #expect(try await inbox.next("disconnect") == .disconnected(nobody))
        #expect(coordinator.counts.unreachable == 1)
        await coordinator.close()
    }

    @Test func `what was sent before closing arrives`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let inbox = Inbox(coordinator.events)
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        for version in 0..<100 { try worker.send(Self.ready(version)) }
        await worker.close()
        for version in 0..<100 { #expect(try await inbox.message().envelope == Self.ready(version)) }
        await coordinator.close()
    }

    @Test func `closing with messages for a coordinator that never was ends within the linger`() async throws
    {
        var plan = SocketPlan()
        plan.linger = .milliseconds(100)
        let worker = try await ZeroMQWorkerTransport(connecting: Endpoint("tcp://127.0.0.1:1"), plan: plan)
        for version in 0..<300 { try worker.send(Self.ready(version)) }
        let start = ContinuousClock.now
        await worker.close()
        // libzmq's own linger would wait for ever.
        #expect(ContinuousClock.now - start < .seconds(60))
        // The queue holds 256.
        #expect(worker.counts.overflowed == 300 - 256)
    }

    @Test func `two hundred workers come at once and are all heard and answered`() async throws {
        let coordinator = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint(), peers: 200)
        let inbox = Inbox(coordinator.events)
        let context = try Context(maximumSockets: 200)
        let peers = try (0..<200).map { number in
            let socket = try Socket(.dealer, in: context)
            try socket.connect(coordinator.endpoint.text)
            try socket.send(MessageCoder.encode(Self.ready(number)).map { .bytes($0) })
            return socket
        }
        var heard: Set<Int> = []
        for _ in peers {
            let (peer, envelope) = try await inbox.message()
            guard case .ready(let version) = envelope.message else { continue }
            heard.insert(version.rawValue)
            try coordinator.send(Envelope(stamp: Samples.stamp, message: .pong(newest: version)), to: peer)
        }
        #expect(heard == Set(0..<200))
        for (number, socket) in peers.enumerated() {
            let poller = Poller()
            poller.add(socket, .readable)
            #expect(try poller.wait(timeout: .seconds(10)) == [.readable])
            guard case .message(let parts) = try socket.receive(limits: .init(parts: 5, bytes: 9999)) else {
                continue
            }
            #expect(
                try MessageCoder.decodeCoordinatorMessage(parts.map(\.bytes)).message
                    == .pong(newest: PolicyVersion(number)))
        }
        await coordinator.close()
    }
}
