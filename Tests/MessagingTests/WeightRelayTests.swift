import Logging
import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer
import Wire

@testable import Messaging

struct `A weight relay` {
    private static func relay(
        to coordinator: Endpoint, via relays: [Endpoint] = [], memory: Int = 1 << 30,
        book: LogBook = LogBook(),
        replyWithin: Duration = .seconds(20)
    ) async throws -> WeightRelay {
        try await WeightRelay(
            binding: Place.tcp.endpoint(), coordinator: .init(coordinator), relays: relays.map { .init($0) },
            memory: memory, replyWithin: replyWithin, plan: .impatient, logger: book.logger)
    }

    private static func client(
        _ coordinator: Endpoint, via relays: [Endpoint], book: LogBook = LogBook(),
        replyWithin: Duration = .seconds(20), relayRest: Duration = .seconds(10)
    ) async throws -> WeightClient {
        var limits = WeightClient.Limits()
        limits.replyWithin = replyWithin
        limits.relayRest = relayRest
        return try await WeightClient(
            connecting: coordinator, relays: relays.map { .init($0) }, limits: limits, plan: .impatient,
            logger: book.logger)
    }

    private static func served(_ sample: SampleWeights) async throws -> WeightServer {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        return server
    }

    @Test func `fetches every chunk once, and many workers get them all`() async throws {
        let sample = SampleWeights(version: 1)
        let server = try await ScriptedWeights { request, _ in sample.honest(request) }
        let relay = try await Self.relay(to: server.endpoint)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let client = try await Self.client(server.endpoint, via: [relay.endpoint])
                    #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
                    #expect(client.counts.setAside == 0)
                    await client.close()
                }
            }
            try await group.waitForAll()
        }
        let chunks = server.asked.filter { $0 != .manifest(PolicyVersion(1)) }
        #expect(chunks.count == 12 && Set(chunks).count == 12)
        #expect(relay.traffic.received == 12_000)
        // A chunk is counted once it is handed over, which may be after it arrived.
        try await eventually("six copies are counted") { relay.traffic.sent == 6 * 12_000 }
        await relay.close()
        await server.close()
    }

    @Test func `behind another relay takes nothing from the coordinator`() async throws {
        let sample = SampleWeights(version: 1)
        let server = try await ScriptedWeights { request, _ in sample.honest(request) }
        let first = try await Self.relay(to: server.endpoint)
        let second = try await Self.relay(to: server.endpoint, via: [first.endpoint])
        for relay in [first, second, second] {
            let client = try await Self.client(server.endpoint, via: [relay.endpoint])
            #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
            await client.close()
        }
        #expect(server.asked.count { $0 != .manifest(PolicyVersion(1)) } == 12)
        #expect(second.traffic.received == 12_000)
        await second.close()
        await first.close()
        await server.close()
    }

    @Test func `passes deltas on, a hundredth of the bytes`() async throws {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        let relay = try await Self.relay(to: server.endpoint)
        let client = try await Self.client(server.endpoint, via: [relay.endpoint])
        var bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        func publish(_ version: Int) async throws {
            let manifest = SampleWeights.manifest(version: version, bytes: bytes, dtype: .bf16)
            try await server.publish(manifest, bytes: SharedBuffer(bytes))
            #expect(try await client.fetch(PolicyVersion(version)).bytes.bytes == bytes)
        }
        try await publish(1)
        #expect(relay.traffic.received == 40_000)
        for version in 2...4 {
            for place in 0..<40 { bytes[place * 1000 + version] ^= 0x42 }
            try await publish(version)
        }
        #expect((40_001..<41_200).contains(relay.traffic.received))
        #expect(client.counts.setAside == 0)
        await client.close()
        await relay.close()
        await server.close()
    }

    @Test func `that lies costs only time, and is named`() async throws {
        let sample = SampleWeights(version: 2)
        let server = try await Self.served(sample)
        let liar = try await ScriptedWeights { request, _ in sample.flipped(request) }
        let book = LogBook()
        let client = try await Self.client(
            server.endpoint, via: [liar.endpoint], book: book, relayRest: .seconds(600))
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(client.counts.setAside == 1)
        #expect(book.text.contains("relay \(liar.endpoint.text) sent other bytes under the name of chunk"))
        // It rests: the next fetch is the coordinator's.
        let next = SampleWeights(version: 3)
        try await server.publish(next.manifest, bytes: SharedBuffer(next.bytes))
        let before = liar.asked.count
        #expect(try await client.fetch(PolicyVersion(3)).bytes.bytes == next.bytes)
        #expect(liar.asked.count == before)
        await client.close()
        await liar.close()
        await server.close()
    }

    @Test func `that names hashes of its own is not believed`() async throws {
        let sample = SampleWeights(version: 2)
        let evil = SampleWeights(version: 9)
        let server = try await Self.served(sample)
        let liar = try await ScriptedWeights { request, _ in
            try? WeightCoder.encode(
                .manifest(
                    WeightManifest(
                        version: PolicyVersion(2), tensors: evil.manifest.tensors, chunkSize: 1000,
                        hashing: evil.bytes, policyHash: Samples.digest)))
        }
        let client = try await Self.client(server.endpoint, via: [liar.endpoint])
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(client.counts.setAside == 1)
        await client.close()
        await liar.close()
        await server.close()
    }

    @Test func `that dies in the middle leaves the rest to the coordinator`() async throws {
        let sample = SampleWeights(version: 2)
        let server = try await ScriptedWeights { request, _ in sample.honest(request) }
        let dying = try await ScriptedWeights { request, _ in
            if case .chunk(let hash) = request, sample.manifest.chunks.firstIndex(of: hash) ?? 0 < 5 {
                return sample.honest(request)
            }
            return nil
        }
        let client = try await Self.client(server.endpoint, via: [dying.endpoint])
        let fetch = Task { try await client.fetch(PolicyVersion(2)) }
        // Five answered, and then a window of eight that is not.
        await dying.waitFor(requests: 12)
        await dying.close()
        #expect(try await fetch.value.bytes.bytes == sample.bytes)
        let asked = Set(server.asked)
        #expect(
            asked
                == Set([.manifest(PolicyVersion(2))] + sample.manifest.chunks[5...].map { .chunk(hash: $0) }))
        await client.close()
        await server.close()
    }

    @Test func `that says nothing, has nothing or was never there is left for the next one`() async throws {
        let sample = SampleWeights(version: 2)
        let server = try await Self.served(sample)
        let silent = try await ScriptedWeights { _, _ in nil }
        let empty = try await ScriptedWeights { request, _ in
            if case .chunk(let hash) = request {
                try? WeightCoder.encode(.unknownChunk(hash: hash))
            } else {
                nil
            }
        }
        let good = try await Self.relay(to: server.endpoint)
        let client = try await Self.client(
            server.endpoint,
            via: [Endpoint("tcp://127.0.0.1:1"), silent.endpoint, empty.endpoint, good.endpoint],
            replyWithin: .milliseconds(300))
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(client.counts.setAside >= 3)
        await client.close()
        for other in [silent, empty] { await other.close() }
        await good.close()
        await server.close()
    }

    @Test func `passes on no chunk of wrong bytes, and asks the coordinator once for each chunk`()
        async throws
    {
        let sample = SampleWeights(version: 2)
        let server = try await ScriptedWeights { request, _ in sample.honest(request) }
        let liar = try await ScriptedWeights { request, _ in sample.flipped(request) }
        let book = LogBook()
        let relay = try await Self.relay(to: server.endpoint, via: [liar.endpoint], book: book)
        let client = try await Self.client(server.endpoint, via: [relay.endpoint])
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(client.counts.setAside == 0)
        #expect(book.text.contains("relay \(liar.endpoint.text) sent other bytes"))
        #expect(server.asked.count { $0 != .manifest(PolicyVersion(2)) } == 12)
        #expect(Set(server.asked).count == 13)
        await client.close()
        await relay.close()
        await liar.close()
        await server.close()
    }

    @Test func `asks the coordinator once more for a chunk that arrived with wrong bytes`() async throws {
        let sample = SampleWeights(version: 2)
        let broken = sample.manifest.chunks[0]
        let server = try await ScriptedWeights { request, before in
            request == .chunk(hash: broken) && before == 0 ? sample.flipped(request) : sample.honest(request)
        }
        let relay = try await Self.relay(to: server.endpoint)
        let client = try await Self.client(server.endpoint, via: [relay.endpoint])
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(server.asked.count { $0 == .chunk(hash: broken) } == 2)
        await client.close()
        await relay.close()
        await server.close()
    }

    @Test func `names what it waits for, and goes on when the coordinator is back`() async throws {
        let sample = SampleWeights(version: 2)
        let mute = try await ScriptedWeights { request, _ in
            if case .manifest = request { sample.honest(request) } else { nil }
        }
        let book = LogBook()
        let relay = try await Self.relay(to: mute.endpoint, book: book, replyWithin: .milliseconds(100))
        let client = try await Self.client(mute.endpoint, via: [relay.endpoint], replyWithin: .seconds(60))
        let fetch = Task { try await client.fetch(PolicyVersion(2)) }
        try await eventually("the wait is named") {
            book.text.contains("waiting for 8 chunks from \(mute.endpoint)")
        }
        await mute.close()
        let back = try await ScriptedWeights(binding: mute.endpoint) { request, _ in sample.honest(request) }
        #expect(try await fetch.value.bytes.bytes == sample.bytes)
        await client.close()
        await relay.close()
        await back.close()
    }

    @Test func `with keys serves those on its list only`() async throws {
        let keys = try Keyring(authorized: ["worker", "relay"], others: ["other"])
        let sample = SampleWeights(version: 2)
        let server = try await WeightServer(binding: Place.tcp.endpoint(), security: .keys(keys.allowList))
        try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        let relay = try await WeightRelay(
            binding: Place.tcp.endpoint(), security: .keys(keys.folder.allowList(of: "relay")),
            coordinator: .init(server.endpoint, keys: keys.folder.client(["relay"])))
        let client = try await WeightClient(
            connecting: server.endpoint, keys: keys.client("worker"),
            relays: [.init(relay.endpoint, keys: keys.folder.client(["worker"], of: "relay"))])
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        try await eventually("one copy is counted") { relay.traffic.sent == sample.bytes.count }
        let refused = try await WeightClient(
            connecting: server.endpoint, keys: keys.client("worker"),
            relays: [.init(relay.endpoint, keys: keys.folder.client(["other"], of: "relay"))])
        #expect(try await refused.fetch(PolicyVersion(2)).bytes.bytes == sample.bytes)
        #expect(relay.traffic.sent == sample.bytes.count)
        #expect(refused.counts.setAside == 1)
        for client in [client, refused] { await client.close() }
        await relay.close()
        await server.close()
    }

    @Test func `that the coordinator refuses says so`() async throws {
        let keys = try Keyring(authorized: ["worker"], others: ["relay"])
        let server = try await WeightServer(binding: Place.tcp.endpoint(), security: .keys(keys.allowList))
        let said = LogBook()
        let logger = said.logger
        let relay = try await WeightRelay(
            binding: Place.tcp.endpoint(),
            coordinator: .init(server.endpoint, keys: keys.folder.client(["relay"])),
            shutOut: { logger.error("\($0)") })
        try await eventually("the reason is told") { said.text.contains("refuses key relay") }
        await relay.close()
        await server.close()
    }
}
