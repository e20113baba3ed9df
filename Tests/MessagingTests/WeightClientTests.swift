import Messaging
import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer
import Wire

struct `A weight client` {
    private static func sample(_ version: Int) -> SampleWeights {
        SampleWeights(version: version)
    }

    private static func limits(_ change: (inout WeightClient.Limits) -> Void = { _ in })
        -> WeightClient.Limits
    {
        var limits = WeightClient.Limits()
        // Far beyond what a busy machine needs; tests about silence are less patient.
        limits.replyWithin = .seconds(20)
        change(&limits)
        return limits
    }

    private static func client(
        _ endpoint: Endpoint, _ limits: WeightClient.Limits = Self.limits()
    ) async throws -> WeightClient {
        try await WeightClient(connecting: endpoint, limits: limits, plan: .impatient)
    }

    @Test func `a chunk that comes corrupted is fetched again, and only it`() async throws {
        let sample = Self.sample(5)
        let broken = sample.manifest.chunks[3]
        let server = try await ScriptedWeights { request, before in
            request == .chunk(hash: broken) && before == 0 ? sample.flipped(request) : sample.honest(request)
        }
        let client = try await Self.client(server.endpoint)
        let (manifest, bytes) = try await client.fetch(PolicyVersion(5))
        #expect(manifest == sample.manifest)
        #expect(bytes.bytes == sample.bytes)
        #expect(server.asked.count { $0 == .chunk(hash: broken) } == 2)
        #expect(server.asked.count == 1 + 12 + 1)
        await client.close()
        await server.close()
    }

    @Test func `a chunk that comes corrupted every time is an error, and nothing is handed out`() async throws
    {
        let sample = Self.sample(5)
        let broken = sample.manifest.chunks[7]
        let server = try await ScriptedWeights { request, _ in
            request == .chunk(hash: broken) ? sample.flipped(request) : sample.honest(request)
        }
        let client = try await Self.client(server.endpoint)
        await #expect(throws: WeightFetchError.corrupted(PolicyVersion(5), chunk: 7, attempts: 4)) {
            try await client.fetch(PolicyVersion(5))
        }
        await client.close()
        await server.close()
    }

    @Test func `a version withdrawn mid-download is abandoned, and the newer one comes whole`() async throws {
        let old = Self.sample(1)
        let new = Self.sample(2)
        let last = old.manifest.chunks[11]
        let server = try await ScriptedWeights { request, before in
            switch request {
            case .manifest(PolicyVersion(1)): before == 0 ? old.honest(request) : new.honest(request)
            case .chunk(let hash) where old.manifest.chunks.contains(hash) && hash != last:
                old.honest(request)
            default: new.honest(request)
            }
        }
        let client = try await Self.client(server.endpoint)
        await #expect(throws: WeightFetchError.unknownVersion(PolicyVersion(1), newest: PolicyVersion(2))) {
            try await client.fetch(PolicyVersion(1))
        }
        let (manifest, bytes) = try await client.fetch(PolicyVersion(2))
        #expect(manifest.version == PolicyVersion(2))
        #expect(bytes.bytes == new.bytes)
        await client.close()
        await server.close()
    }

    @Test func `cancelling mid-download ends it at once, and what had come need not come again`() async throws
    {
        let sample = Self.sample(3)
        let stuck = sample.manifest.chunks[11]
        let server = try await ScriptedWeights { request, before in
            request == .chunk(hash: stuck) && before == 0 ? nil : sample.honest(request)
        }
        let client = try await Self.client(server.endpoint, Self.limits { $0.replyWithin = .seconds(60) })
        let fetch = Task { try await client.fetch(PolicyVersion(3)) }
        await server.waitFor(requests: 13)
        fetch.cancel()
        await #expect(throws: CancellationError.self) { try await fetch.value }

        let (_, bytes) = try await client.fetch(PolicyVersion(3))
        #expect(bytes.bytes == sample.bytes)
        // The manifest, the stuck chunk, and at most a window of chunks that were on their way when it was cancelled.
        #expect(server.asked.count <= 13 + 1 + 8)
        await client.close()
        await server.close()
    }

    @Test func `a download goes on where it was when the server comes back`() async throws {
        let sample = Self.sample(9)
        let first = try await ScriptedWeights { request, _ in
            switch request {
            case .chunk(let hash) where sample.manifest.chunks.firstIndex(of: hash) ?? 0 >= 6: nil
            default: sample.honest(request)
            }
        }
        let client = try await Self.client(first.endpoint, Self.limits { $0.window = 2 })
        let fetch = Task { try await client.fetch(PolicyVersion(9)) }
        // The manifest, six chunks, and the window of two that is never answered.
        await first.waitFor(requests: 9)
        await first.close()
        let second = try await ScriptedWeights(binding: first.endpoint) { request, _ in sample.honest(request)
        }
        #expect(try await fetch.value.bytes.bytes == sample.bytes)
        #expect(Set(second.asked) == Set(sample.manifest.chunks[6...].map { .chunk(hash: $0) }))
        await client.close()
        await second.close()
    }

    @Test func `a lost reply is asked for again`() async throws {
        let sample = Self.sample(4)
        let server = try await ScriptedWeights { request, before in before == 0 ? nil : sample.honest(request)
        }
        let client = try await Self.client(
            server.endpoint, Self.limits { $0.replyWithin = .milliseconds(100) })
        #expect(try await client.fetch(PolicyVersion(4)).bytes.bytes == sample.bytes)
        await client.close()
        await server.close()
    }

    @Test func `a reply that is nonsense is asked for again, a bounded number of times`() async throws {
        let sample = Self.sample(4)
        let server = try await ScriptedWeights { request, before in
            before < 2 && request == .manifest(PolicyVersion(4)) ? [[1, 2, 3]] : sample.honest(request)
        }
        let client = try await Self.client(server.endpoint)
        #expect(try await client.fetch(PolicyVersion(4)).bytes.bytes == sample.bytes)
        #expect(client.counts.malformed == 2)
        await client.close()
        await server.close()

        let mad = try await ScriptedWeights { _, _ in [[1, 2, 3]] }
        let victim = try await Self.client(mad.endpoint)
        let error = await #expect(throws: WeightFetchError.self) { try await victim.fetch(PolicyVersion(4)) }
        guard case .invalidManifest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await victim.close()
        await mad.close()
    }

    @Test func `a server that stops answering ends in a deadline that says how much is missing`() async throws
    {
        let sample = Self.sample(4)
        let server = try await ScriptedWeights { request, _ in
            switch request {
            case .chunk(let hash) where sample.manifest.chunks.firstIndex(of: hash) ?? 0 >= 10: nil
            default: sample.honest(request)
            }
        }
        let client = try await Self.client(
            server.endpoint,
            Self.limits {
                $0.replyWithin = .milliseconds(50)
                $0.progressWithin = .seconds(2)
            })
        await #expect(
            throws: WeightFetchError.timedOut(PolicyVersion(4), after: .seconds(2), chunksLeft: 2)
        ) { try await client.fetch(PolicyVersion(4)) }
        await client.close()
        await server.close()
    }

    @Test func `a server that is not there is unreachable within the deadline`() async throws {
        let client = try await Self.client(
            Endpoint("tcp://127.0.0.1:1"),
            Self.limits {
                $0.replyWithin = .milliseconds(50)
                $0.progressWithin = .milliseconds(200)
            })
        let error = await #expect(throws: WeightFetchError.self) { try await client.fetch(PolicyVersion(0)) }
        guard case .unreachable("tcp://127.0.0.1:1", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await client.close()
    }

    @Test func `closing ends every fetch`() async throws {
        let server = try await ScriptedWeights { _, _ in nil }
        let client = try await Self.client(server.endpoint)
        let fetches = (0..<3).map { version in Task { try await client.fetch(PolicyVersion(version)) } }
        await server.waitFor(requests: 1)
        await client.close()
        for fetch in fetches {
            await #expect(
                throws: WeightFetchError.unreachable(endpoint: server.endpoint.text, reason: "closed")
            ) {
                try await fetch.value
            }
        }
        await server.close()
    }
}
