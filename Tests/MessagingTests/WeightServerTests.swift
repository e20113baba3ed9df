import Messaging
import Primitives
import Reinforcement
import TestNetwork
import TestSupport
import Testing
import WeightTransfer
import Wire

struct `A weight server` {
    private static func publish(_ version: Int, on server: WeightServer) async throws -> [UInt8] {
        let sample = SampleWeights(version: version)
        try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        return sample.bytes
    }

    @Test func `nonsense is counted, and workers go on being served`() async throws {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        let bytes = try await Self.publish(1, on: server)
        let peer = try RawPeer(to: server.endpoint.text)
        try peer.send([[1, 2, 3]])
        try peer.send([[UInt8]](repeating: [0], count: 1000))
        let client = try await WeightClient(connecting: server.endpoint)
        while server.counts.malformed < 2 {
            #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == bytes)
        }
        #expect(server.counts.malformed == 2)
        await client.close()
        await server.close()
    }

    @Test func `a worker that asks and does not read holds nobody up`() async throws {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        let bytes = [UInt8](repeating: 3, count: 1 << 16)
        let manifest = SampleWeights.manifest(version: 1, bytes: bytes, chunkSize: 1 << 16)
        try await server.publish(manifest, bytes: SharedBuffer(bytes))
        let greedy = try RawPeer(to: server.endpoint.text)
        let client = try await WeightClient(connecting: server.endpoint)
        // Beyond both queues, of 256 and 1000 chunks.
        for _ in 0..<2000 {
            try greedy.sendWhenReady(WeightCoder.encode(.chunk(hash: manifest.chunks[0])))
        }
        #expect(try await client.fetch(PolicyVersion(1)).bytes.bytes == bytes)
        await client.close()
        greedy.drop()
        await server.close()
    }

    @Test func `a manifest that does not fit its bytes is refused by the server itself`() async throws {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        let sample = SampleWeights(version: 1)
        await #expect(throws: WireError.self) {
            try await server.publish(sample.manifest, bytes: SharedBuffer(Array(sample.bytes.dropLast())))
        }
        await server.close()
        await #expect(throws: WeightServerClosed(version: PolicyVersion(1))) {
            try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
        }
    }

    @Test func `publishing fast while many fetch gives everyone some version whole`() async throws {
        let server = try await WeightServer(binding: Place.tcp.endpoint())
        let samples = (0..<20).map { version in
            SampleWeights(version: version)
        }
        try await server.publish(samples[0].manifest, bytes: SharedBuffer(samples[0].bytes))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let client = try await WeightClient(connecting: server.endpoint)
                    var wanted = 0
                    var held = -1
                    // Asking for what is not published yet answers with the newest, which is then fetched again.
                    while held < 19 {
                        do {
                            let (manifest, bytes) = try await client.fetch(PolicyVersion(wanted))
                            #expect(manifest.version == PolicyVersion(wanted))
                            #expect(bytes.bytes == samples[wanted].bytes)
                            held = wanted
                            wanted = min(19, held + 1)
                        } catch WeightFetchError.unknownVersion(_, let served?) {
                            wanted = served.rawValue
                        }
                    }
                    await client.close()
                }
            }
            for sample in samples.dropFirst() {
                try await server.publish(sample.manifest, bytes: SharedBuffer(sample.bytes))
                await Task.yield()
            }
            try await group.waitForAll()
        }
        await server.close()
    }
}
