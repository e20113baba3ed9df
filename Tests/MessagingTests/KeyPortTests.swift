import Foundation
import Primitives
import Reinforcement
import Scheduling
import TestNetwork
import TestSupport
import Testing
import WeightTransfer
import Wire
import ZeroMQ

@testable import Messaging

struct `A port with keys` {
    private static func ready(_ version: Int) -> Envelope<WorkerMessage> {
        Envelope(stamp: Samples.stamp, message: .ready(PolicyVersion(version)))
    }

    private func port(_ keys: Keyring, _ book: LogBook = LogBook(), plan: SocketPlan = SocketPlan())
        async throws
        -> ZeroMQCoordinatorTransport
    {
        try await ZeroMQCoordinatorTransport(
            binding: Place.tcp.endpoint(), security: .keys(keys.gate), plan: plan, logger: book.logger)
    }

    /// Why a worker is shut out.
    private func reason(_ worker: ZeroMQWorkerTransport) async throws -> String {
        try await TestSupport.Inbox(worker.events).next("reason", within: .seconds(20)) { event in
            if case .shutOut(let reason) = event { reason } else { nil }
        }
    }

    @Test func `tells its peers apart by key`() async throws {
        let keys = try Keyring(authorized: ["a", "b"])
        let coordinator = try await port(keys)
        let inbox = TestSupport.Inbox(coordinator.events)
        for name in ["a", "b"] {
            let worker = try await ZeroMQWorkerTransport(
                connecting: coordinator.endpoint, keys: keys.client(name))
            try worker.send(Self.ready(1))
            let (peer, envelope) = try await inbox.message()
            #expect(envelope == Self.ready(1))
            #expect(try peer.key == keys.fingerprint(name))
            #expect(try peer.address.hasSuffix(", key \(name) \(keys.fingerprint(name) ?? "")"))
            #expect(peer.address.hasPrefix("127.0.0.1#"))
            await worker.close()
        }
        await coordinator.close()
    }

    @Test func `a key that is not on the list is refused, told so, and named by address`() async throws {
        let keys = try Keyring(others: ["stranger"])
        let book = LogBook()
        let coordinator = try await port(keys, book)
        let worker = try await ZeroMQWorkerTransport(
            connecting: coordinator.endpoint, keys: keys.client("stranger"))
        try worker.send(Self.ready(1))
        let fingerprint = try #require(try keys.fingerprint("stranger"))
        let reason = try await reason(worker)
        #expect(reason.contains("refuses key stranger \(fingerprint)"))
        #expect(reason.contains("ponder keys authorize"))
        #expect(book.text.contains("127.0.0.1 was refused: its key \(fingerprint) is not in "))
        await worker.close()
        await coordinator.close()
        // Nothing of it was ever heard.
        await #expect(throws: (any Error).self) { try await TestSupport.Inbox(coordinator.events).message() }
    }

    @Test func `a wrong server key ends within ten seconds with the file that holds it`() async throws {
        let (keys, other) = (try Keyring(authorized: ["worker"]), try Keyring())
        let coordinator = try await port(keys)
        let client = try keys.client("worker")
        let confused = ClientKeys(
            name: "worker", own: client.own, server: other.gate.keys.publicKey,
            serverFile: "keys/coordinator.pub")
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint, keys: confused)
        let reason = try await reason(worker)
        #expect(
            reason.contains(
                "the key in keys/coordinator.pub, \(other.gate.keys.publicKey.fingerprint), is not"))
        await worker.close()
        await coordinator.close()
    }

    @Test func `a coordinator that is only slow to shake hands is not taken for a wrong key`() throws {
        let keys = try Keyring(authorized: ["worker"])
        var plan = SocketPlan()
        plan.handshake = .zero
        let tally = try HandshakeTally(Endpoint("tcp://a:1"), keys.client("worker"), plan: plan)
        for _ in 0..<100 {
            tally.began()
            #expect(tally.failed(.noDetail(.again)) == nil)
        }
    }

    @Test func `a worker without keys is shut out, and so is a worker with keys where there are none`()
        async throws
    {
        let keys = try Keyring(authorized: ["worker"])
        let coordinator = try await port(keys)
        let plain = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint)
        #expect(try await reason(plain).contains("give --keys DIR to this side too"))
        await plain.close()
        await coordinator.close()

        let open = try await ZeroMQCoordinatorTransport(binding: Place.tcp.endpoint())
        let keyed = try await ZeroMQWorkerTransport(connecting: open.endpoint, keys: keys.client("worker"))
        #expect(try await reason(keyed).contains("give --keys DIR to the coordinator too"))
        await keyed.close()
        await open.close()
    }

    @Test
    func `a revoked key is shut out while it is connected, and nothing of it is heard or sent any more`()
        async throws
    {
        let keys = try Keyring(authorized: ["good", "bad"])
        let coordinator = try await port(keys)
        let inbox = TestSupport.Inbox(coordinator.events)
        var peers: [String: PeerID] = [:]
        var workers: [String: ZeroMQWorkerTransport] = [:]
        for name in ["good", "bad"] {
            let worker = try await ZeroMQWorkerTransport(
                connecting: coordinator.endpoint, keys: keys.client(name))
            try worker.send(Self.ready(1))
            peers[name] = try await inbox.message().peer
            workers[name] = worker
        }
        let (good, bad) = (try #require(workers["good"]), try #require(workers["bad"]))
        let told = TestSupport.Inbox(bad.events)
        _ = try keys.folder.revoke(["bad"])
        // It says nothing, and is told all the same.
        let revoked = try await inbox.next("revocation") { event in
            if case .revoked(let peer) = event { peer } else { nil }
        }
        #expect(revoked == peers["bad"])
        let fingerprint = try #require(try keys.fingerprint("bad"))
        guard case .refused(let refusal) = try await told.message().message else {
            Issue.record("not refused")
            return
        }
        #expect(refusal == Refusal(subject: .key, ours: "not on the coordinator's list", theirs: fingerprint))

        let secret = Envelope(
            stamp: Samples.stamp, message: CoordinatorMessage.pong(newest: PolicyVersion(7)))
        try coordinator.send(secret, to: revoked)
        for version in 0..<50 { try bad.send(Self.ready(version)) }
        try good.send(Self.ready(2))
        // The first message after the revocation is the good worker's.
        let (peer, envelope) = try await inbox.message()
        #expect(peer == peers["good"] && envelope == Self.ready(2))
        // Whatever it is told from then on is that it is refused, once a second.
        while let next = try? await told.next("message", within: .milliseconds(300), where: { $0 }) {
            guard case .message(let envelope) = next, case .refused = envelope.message else {
                Issue.record("\(next) was sent to a revoked key")
                break
            }
        }
        #expect(coordinator.counts.refused > 0)

        // Whoever is put back is heard again, on the same connection.
        _ = try keys.folder.authorize(["bad"])
        var isBack = false
        for _ in 0..<100 where !isBack {
            try bad.send(Self.ready(3))
            isBack =
                (try? await inbox.next("return", within: .milliseconds(100)) { event in
                    if case .message(let peer, Self.ready(3)) = event, peer == revoked { true } else { nil }
                }) ?? false
        }
        #expect(isBack)
        for worker in workers.values { await worker.close() }
        await coordinator.close()
    }

    @Test func `a revoked key gets no more weights on a connection that stands`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let server = try await WeightServer(binding: Place.tcp.endpoint(), security: .keys(keys.gate))
        let weights = SampleWeights(version: 1)
        try await server.publish(weights.manifest, bytes: SharedBuffer(weights.bytes))
        let socket = try Socket(.dealer, in: Context())
        try keys.client("worker").arm(socket)
        try socket.connect(server.endpoint.text)
        let request = try WeightCoder.encode(.chunk(hash: weights.manifest.chunks[0])).map { Part.bytes($0) }
        let poller = Poller()
        poller.add(socket, .readable)
        try socket.send(request)
        #expect(try poller.wait(timeout: .seconds(10)) == [.readable])
        _ = try socket.receive(limits: .init(parts: 9, bytes: 1 << 20))

        _ = try keys.folder.revoke(["worker"])
        let end = ContinuousClock.now + .seconds(10)
        while server.counts.refused == 0, ContinuousClock.now < end {
            try socket.send(request)
            _ = try poller.wait(timeout: .milliseconds(20))
            while try socket.receive(limits: .init(parts: 9, bytes: 1 << 20)) != nil {}
        }
        #expect(server.counts.refused > 0)
        // From the first refusal on it gets nothing.
        while try poller.wait(timeout: .milliseconds(200)) == [.readable] {
            while try socket.receive(limits: .init(parts: 9, bytes: 1 << 20)) != nil {}
        }
        for _ in 0..<10 { try socket.send(request) }
        #expect(try poller.wait(timeout: .milliseconds(500)) == [[]])
        await server.close()
    }

    @Test func `without its authenticator a port lets nobody in`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let context = try Context()
        let door = try await Door.open(.keys(keys.gate), in: context, logger: LogBook().logger)
        let router = try SocketPlan.impatient.router(in: context, door.security)
        let endpoint = try router.bind(to: Place.tcp.endpoint(), door.security)
        let poller = Poller()
        poller.add(router, .readable)
        func knock() throws -> Socket {
            let socket = try SocketPlan.impatient.dealer(in: Context(), keys.client("worker"))
            try socket.connect(to: endpoint)
            try socket.send([.bytes([1])])
            return socket
        }
        let first = try knock()
        #expect(try poller.wait(timeout: .seconds(10)) == [.readable])
        _ = try router.receive(limits: .init(parts: 9, bytes: 100))

        await door.close()
        let second = try knock()
        #expect(try poller.wait(timeout: .seconds(1)) == [[]])
        // Who was in stays, and is checked by every message.
        try first.send([.bytes([2])])
        #expect(try poller.wait(timeout: .seconds(10)) == [.readable])
        withExtendedLifetime((first, second)) {}
    }

    @Test func `the authenticator refuses every domain but its own`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let book = LogBook()
        let context = try Context()
        let door = try await Door.open(.keys(keys.gate), in: context, logger: book.logger)
        let router = try SocketPlan.impatient.router(in: context, door.security)
        try router.set(.zapDomain, "elsewhere")
        let endpoint = try router.bind(to: Place.tcp.endpoint(), door.security)
        let worker = try await ZeroMQWorkerTransport(connecting: endpoint, keys: keys.client("worker"))
        #expect(try await reason(worker).contains("refuses key worker"))
        #expect(
            book.text.contains(#"127.0.0.1 was refused: it asked for "elsewhere", which is not served here"#))
        await worker.close()
        await door.close()
        withExtendedLifetime(router) {}
    }

    @Test
    func `garbage, slow handshakes and port scans are closed in time while a worker with a key goes on`()
        async throws
    {
        let keys = try Keyring(authorized: ["worker"])
        let book = LogBook()
        let coordinator = try await port(keys, book, plan: .impatient)
        let inbox = TestSupport.Inbox(coordinator.events)
        var random = SplitMix(seed: 32)
        let strangers = try (0..<300).map { index in
            let stranger = try RawConnection(to: coordinator.endpoint.text)
            switch index % 4 {
            case 0: break
            case 1: stranger.write([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3])
            // The greeting of CURVE, and then no HELLO that could be decrypted.
            case 2:
                stranger.write(
                    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("CURVE".utf8)
                        + [UInt8](repeating: 0, count: 47) + [4, 200] + (0..<200).map { _ in random.byte() })
            default: stranger.write([0xFF] + (0..<255).map { _ in random.byte() })
            }
            return stranger
        }
        let worker = try await ZeroMQWorkerTransport(
            connecting: coordinator.endpoint, keys: keys.client("worker"))
        for version in 0..<100 {
            try worker.send(Self.ready(version))
            #expect(try await inbox.message().envelope == Self.ready(version))
        }
        for (index, stranger) in strangers.enumerated() {
            #expect(stranger.isClosed(within: .seconds(10)), "stranger \(index)")
        }
        try await eventually("strangers are named") { book.text.contains("127.0.0.1 did not shake hands") }
        #expect(book.count <= 20)
        await worker.close()
        await coordinator.close()
    }
}
