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
            binding: Place.tcp.endpoint(), security: .keys(keys.allowList), plan: plan, logger: book.logger)
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
        let keys = try Keyring(others: ["other"])
        let book = LogBook()
        let coordinator = try await port(keys, book)
        let worker = try await ZeroMQWorkerTransport(
            connecting: coordinator.endpoint, keys: keys.client("other"))
        try worker.send(Self.ready(1))
        let fingerprint = try #require(try keys.fingerprint("other"))
        let reason = try await reason(worker)
        #expect(reason.contains("refuses key other \(fingerprint)"))
        #expect(reason.contains("ponder keys authorize"))
        #expect(book.text.contains("127.0.0.1 was refused: its key \(fingerprint) is not in "))
        await worker.close()
        await coordinator.close()
        // None of its messages arrived.
        await #expect(throws: (any Error).self) { try await TestSupport.Inbox(coordinator.events).message() }
    }

    @Test func `a wrong server key ends within ten seconds with the file that holds it`() async throws {
        let (keys, other) = (try Keyring(authorized: ["worker"]), try Keyring())
        let coordinator = try await port(keys)
        let client = try keys.client("worker")
        let confused = ClientKeys(
            name: "worker", own: client.own, server: other.allowList.keys.publicKey,
            serverFile: "keys/coordinator.pub")
        let worker = try await ZeroMQWorkerTransport(connecting: coordinator.endpoint, keys: confused)
        let reason = try await reason(worker)
        #expect(
            reason.contains(
                "the key in keys/coordinator.pub, \(other.allowList.keys.publicKey.fingerprint), is not"))
        await worker.close()
        await coordinator.close()
    }

    @Test func `a coordinator that is only slow to shake hands is not taken for a wrong key`() throws {
        let keys = try Keyring(authorized: ["worker"])
        var plan = SocketPlan()
        plan.handshake = .zero
        let failures = try HandshakeFailures(Endpoint("tcp://a:1"), keys.client("worker"), plan: plan)
        for _ in 0..<100 {
            failures.started()
            #expect(failures.failed(.noDetail(.again)) == nil)
        }
    }

    @Test func `a worker without keys is shut out, and so is a worker with keys at a port without keys`()
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
        // It sends nothing, and is told all the same.
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
        // From then on it is sent nothing but a refusal, once a second.
        while let next = try? await told.next("message", within: .milliseconds(300), where: { $0 }) {
            guard case .message(let envelope) = next, case .refused = envelope.message else {
                Issue.record("\(next) was sent to a revoked key")
                break
            }
        }
        #expect(coordinator.counts.refused > 0)

        // A key that is put back on the list is heard again, on the same connection.
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
        let server = try await WeightServer(binding: Place.tcp.endpoint(), security: .keys(keys.allowList))
        let weights = SampleWeights(version: 1)
        try await server.publish(weights.manifest, bytes: SharedBuffer(weights.bytes))
        let socket = try Socket(.dealer, in: Context())
        try keys.client("worker").apply(to: socket)
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

    /// A bound port and its authenticator, both answered on this thread.
    private struct BarePort {
        let router: Socket
        var authenticator: ZAPAuthenticator?
        let endpoint: Endpoint

        init(_ keys: Keyring, _ book: LogBook = LogBook(), domain: String? = nil) throws {
            let context = try Context()
            let security = PortSecurity.keys(keys.allowList)
            authenticator = try ZAPAuthenticator(
                keys.allowList, log: RejectedPeerLog(logger: book.logger), in: context)
            router = try SocketPlan.impatient.router(in: context, security)
            if let domain { try router.set(.zapDomain, domain) }
            endpoint = try router.bind(to: Place.tcp.endpoint(), security)
        }

        /// Whether a message arrives in time.
        func hears(within time: Duration) throws -> Bool {
            let poller = Poller()
            poller.add(router, .readable)
            authenticator?.prepare(poller)
            let end = ContinuousClock.now + time
            while ContinuousClock.now < end {
                _ = try poller.wait(timeout: .milliseconds(10))
                try authenticator?.answerRequests()
                if try router.receive(limits: .init(parts: 9, bytes: 100)) != nil { return true }
            }
            return false
        }
    }

    @Test func `without its authenticator a port accepts nobody`() throws {
        let keys = try Keyring(authorized: ["worker"])
        var port = try BarePort(keys)
        func connect() throws -> (socket: Socket, monitor: Monitor) {
            let socket = try SocketPlan.impatient.dealer(in: Context(), keys.client("worker"))
            let monitor = try Monitor(socket)
            try socket.connect(to: port.endpoint)
            try socket.send([.bytes([1])])
            return (socket, monitor)
        }
        let first = try connect()
        #expect(try port.hears(within: .seconds(10)))

        port.authenticator = nil
        let second = try connect()
        // Its handshake has failed twice, so none succeeds, and nothing of it is heard.
        let poller = Poller()
        poller.add(second.monitor.socket, .readable)
        var failures = 0
        while failures < 2, try poller.wait(timeout: .seconds(10)) == [.readable] {
            while let event = try second.monitor.next() {
                #expect(event.kind != .handshakeSucceeded)
                if case .handshakeFailed = event.kind { failures += 1 }
            }
        }
        #expect(failures >= 2)
        #expect(try !port.hears(within: .milliseconds(50)))
        // An old connection stays, and every message on it is checked.
        try first.socket.send([.bytes([2])])
        #expect(try port.hears(within: .seconds(10)))
    }

    @Test func `the authenticator refuses every domain but its own`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let book = LogBook()
        let port = try BarePort(keys, book, domain: "elsewhere")
        let worker = try await ZeroMQWorkerTransport(connecting: port.endpoint, keys: keys.client("worker"))
        let refusal = "127.0.0.1 was refused: it asked for the domain \"elsewhere\", this port is \"ponder\""
        let end = ContinuousClock.now + .seconds(20)
        while !book.text.contains(refusal), ContinuousClock.now < end {
            #expect(try !port.hears(within: .milliseconds(20)))
        }
        #expect(book.text.contains(refusal))
        // The worker asks again when its handshake took too long, and the port must answer it.
        for _ in 0..<50 { #expect(try !port.hears(within: .milliseconds(20))) }
        let why = try await reason(worker)
        // On a busy machine the port may close a handshake before this thread has answered for it.
        #expect(why.contains("refuses key worker") || why.contains("the handshake broke off"))
        await worker.close()
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
        let connections = try (0..<300).map { index in
            let connection = try RawConnection(to: coordinator.endpoint.text)
            switch index % 4 {
            case 0: break
            case 1: connection.write([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3])
            // The greeting of CURVE, and then no HELLO that could be decrypted.
            case 2:
                connection.write(
                    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("CURVE".utf8)
                        + [UInt8](repeating: 0, count: 47) + [4, 200] + (0..<200).map { _ in random.byte() })
            default: connection.write([0xFF] + (0..<255).map { _ in random.byte() })
            }
            return connection
        }
        let worker = try await ZeroMQWorkerTransport(
            connecting: coordinator.endpoint, keys: keys.client("worker"))
        for version in 0..<100 {
            try worker.send(Self.ready(version))
            #expect(try await inbox.message().envelope == Self.ready(version))
        }
        for (index, connection) in connections.enumerated() {
            #expect(connection.isClosed(within: .seconds(10)), "connection \(index)")
        }
        try await eventually("the address is named") { book.text.contains("127.0.0.1 failed the handshake") }
        #expect(book.count <= 20)
        await worker.close()
        await coordinator.close()
    }
}
