import Foundation
import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer
import Wire
import ZeroMQ

@testable import Messaging

struct `A place for sealed chunks` {
    private static func server(_ keys: Keyring, _ sample: SampleWeights) async throws -> WeightServer {
        let server = try await WeightServer(
            binding: Place.tcp.endpoint(), security: .keys(keys.allowList), sealed: Place.tcp.endpoint())
        try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        return server
    }

    private static func client(
        _ server: WeightServer, _ keys: ClientKeys?, via relays: [WeightClient.Source] = [],
        book: LogBook = LogBook()
    ) async throws -> WeightClient {
        try await WeightClient(
            connecting: server.endpoint, keys: keys, relays: relays, plan: .impatient, logger: book.logger)
    }

    @Test func `is found by workers with keys, and spares the port with keys every chunk`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let sample = SampleWeights(version: 1)
        let server = try await Self.server(keys, sample)
        let client = try await Self.client(server, keys.client("worker"))
        #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
        let next = SampleWeights(version: 2)
        try await server.publish(next.manifest, bytes: SharedBuffer(next.bytes))
        #expect(try await client.fetch(PolicyVersion(2)).bytes.bytes == next.bytes)
        #expect(client.counts.setAside == 0)
        #expect(server.sentBytes == 0)
        #expect(server.sentSealedBytes == 2 * (12_000 + 12 * 16))
        await client.close()
        await server.close()
    }

    @Test func `gives peers without a key neither manifest nor anything that they can read`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let sample = SampleWeights(version: 1)
        let server = try await Self.server(keys, sample)
        let place = try #require(server.sealedEndpoint)
        let outsider = try await WeightClient(connecting: place, plan: .impatient)
        await #expect(throws: WeightFetchError.unknownVersion(PolicyVersion(1), newest: nil)) {
            try await outsider.fetch(PolicyVersion(1))
        }
        // The hash of the plain chunk names nothing there.
        let hash = sample.manifest.chunks[0]
        let asked = try await Self.answer(of: place, to: .chunk(hash: hash))
        #expect(asked == .unknownChunk(hash: hash))
        await outsider.close()
        await server.close()
    }

    /// One question to a server without keys.
    private static func answer(of place: Endpoint, to request: WeightRequest) async throws -> WeightReply {
        let asker = try Socket(.dealer, in: Context())
        try asker.connect(place.text)
        try asker.send(WeightCoder.encode(request).map { .bytes($0) })
        let poller = Poller()
        poller.add(asker, .readable)
        _ = try poller.wait(timeout: .seconds(20))
        guard case .message(let parts) = try asker.receive(limits: ReceptionLimits(parts: 2, bytes: 1 << 20))
        else { throw CocoaError(.fileReadUnknown) }
        return try WeightCoder.decodeReply(parts.map(\.bytes))
    }

    @Test func `is passed on by relays without keys, each chunk once`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let sample = SampleWeights(version: 1)
        let server = try await Self.server(keys, sample)
        let place = try #require(server.sealedEndpoint)
        let relay = try await WeightRelay(
            binding: Place.tcp.endpoint(), security: .open, coordinator: .init(place), plan: .impatient)
        for _ in 0..<3 {
            let client = try await Self.client(
                server, keys.client("worker"), via: [.sealed(relay.endpoint)])
            #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
            #expect(client.counts.setAside == 0)
            await client.close()
        }
        let copy = 12_000 + 12 * 16
        #expect(relay.traffic.received == copy)
        // A chunk is counted once it is handed over, which may be after it arrived.
        try await eventually("what was sent is counted") {
            relay.traffic.sent == 3 * copy && server.sentSealedBytes == copy
        }
        #expect(server.sentBytes == 0)
        await relay.close()
        await server.close()
    }

    @Test func `passes deltas on, too`() async throws {
        let keys = try Keyring(authorized: ["worker"])
        let server = try await WeightServer(
            binding: Place.tcp.endpoint(), security: .keys(keys.allowList), sealed: Place.tcp.endpoint())
        let client = try await Self.client(server, keys.client("worker"))
        var bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) }
        for version in 1...3 {
            for place in 0..<40 { bytes[place * 1000 + version] ^= 0x42 }
            let manifest = SampleWeights.manifest(version: version, bytes: bytes, dtype: .bf16)
            try await server.publish(manifest, bytes: SharedBuffer(bytes))
            #expect(try await client.fetch(PolicyVersion(version)).bytes.bytes == bytes)
        }
        #expect((40_000..<42_500).contains(server.sentSealedBytes))
        #expect(server.sentBytes == 0)
        await client.close()
        await server.close()
    }

    @Test func `that lies, or is gone, costs time alone: the port with keys has the chunks as well`()
        async throws
    {
        let keys = try Keyring(authorized: ["worker"])
        let sample = SampleWeights(version: 1)
        let server = try await Self.server(keys, sample)
        // Answers every question for a chunk with other bytes of the same length.
        let liar = try await ScriptedWeights { request, _ in
            guard case .chunk(let hash) = request else { return nil }
            return try? WeightCoder.encode(.chunk(hash: hash, bytes: [UInt8](repeating: 7, count: 1016)))
        }
        let book = LogBook()
        let client = try await Self.client(
            server, keys.client("worker"), via: [.sealed(liar.endpoint)], book: book)
        #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
        #expect(
            book.text.contains("relay \(liar.endpoint.text) sent other bytes under the name of sealed chunk"))
        #expect(client.counts.setAside == 1)
        await client.close()
        await liar.close()
        await server.close()
    }

    @Test func `is not asked for a version that has no seal`() async throws {
        let sample = SampleWeights(version: 1)
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        let relay = try await ScriptedWeights { _, _ in nil }
        let client = try await Self.client(server, nil, via: [.sealed(relay.endpoint)])
        #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == sample.bytes)
        #expect(relay.asked.isEmpty)
        try await eventually("what was sent is counted") { server.sentBytes == 12_000 }
        await client.close()
        await relay.close()
        await server.close()
    }

    @Test func `is of no use to a worker whose key was revoked`() async throws {
        let keys = try Keyring(authorized: ["good", "bad"])
        let server = try await Self.server(keys, SampleWeights(version: 1))
        var limits = WeightClient.Limits()
        limits.replyWithin = .milliseconds(300)
        let bad = try await WeightClient(
            connecting: server.endpoint, keys: keys.client("bad"), limits: limits, plan: .impatient)
        _ = try await bad.fetch(PolicyVersion(1))
        _ = try keys.folder.revoke(["bad"])
        let key = try #require(try keys.folder.publicKey("bad"))
        try await eventually("the key is off the list") { keys.allowList.name(of: key) == nil }
        let next = SampleWeights(version: 2)
        try await server.publish(next.manifest, bytes: SharedBuffer(next.bytes))
        let good = try await Self.client(server, keys.client("good"))
        #expect(try await good.fetch(PolicyVersion(2)).bytes.bytes == next.bytes)
        let before = server.sentSealedBytes
        // Its request for the manifest is dropped, so it knows no chunk to ask for. Its next connection is refused.
        let error = await #expect(throws: WeightFetchError.self) { try await bad.fetch(PolicyVersion(2)) }
        #expect(error?.description.contains("refuses key bad") == true)
        #expect(server.counts.refused > 0 && server.sentSealedBytes == before)
        await bad.close()
        await good.close()
        await server.close()
    }
}
