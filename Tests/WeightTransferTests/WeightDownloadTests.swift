import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer
import Wire

struct `A weight download` {
    private static let sample = SampleWeights(version: 2)

    private static func download(_ limits: WeightDownload.Limits = .init()) -> WeightDownload {
        WeightDownload(PolicyVersion(2), from: "here", limits: limits, leftOver: nil, now: .zero)
    }

    private static func reply(to request: WeightRequest) throws -> WeightReply {
        try WeightCoder.decodeReply(#require(sample.honest(request)))
    }

    @Test func `never more than a window is outstanding, and every chunk is asked for once`() throws {
        var limits = WeightDownload.Limits()
        limits.window = 3
        var download = Self.download(limits)
        #expect(download.start() == .ask([.manifest(PolicyVersion(2))]))
        var asked: [WeightRequest] = []
        var outstanding: [WeightRequest] = [.manifest(PolicyVersion(2))]
        while let request = outstanding.popLast() {
            switch try download.received(Self.reply(to: request), now: .zero) {
            case .ask(let requests):
                asked += requests
                outstanding += requests
                #expect(outstanding.count <= 3)
            case .redial: Issue.record("redialed for nothing")
            case .complete(let manifest, let bytes):
                #expect(manifest == Self.sample.manifest)
                #expect(bytes.bytes == Self.sample.bytes)
                #expect(outstanding.isEmpty)
            }
        }
        #expect(asked.count == 12 && Set(asked).count == 12)
    }

    @Test func `replies nobody asked for change nothing`() throws {
        var download = Self.download()
        let first = Self.sample.manifest.chunks[0]
        #expect(try download.received(Self.reply(to: .chunk(hash: first)), now: .zero) == .ask([]))
        #expect(try download.received(.unknownVersion(PolicyVersion(7), newest: nil), now: .zero) == .ask([]))
        _ = try download.received(Self.reply(to: .manifest(PolicyVersion(2))), now: .zero)
        #expect(try download.received(Self.reply(to: .manifest(PolicyVersion(2))), now: .zero) == .ask([]))
        _ = try download.received(Self.reply(to: .chunk(hash: first)), now: .zero)
        #expect(try download.received(Self.reply(to: .chunk(hash: first)), now: .zero) == .ask([]))
        #expect(try download.received(.unknownChunk(hash: Samples.digest), now: .zero) == .ask([]))
    }

    @Test func `silence dials again with everything outstanding, and in the end fails`() throws {
        var limits = WeightDownload.Limits()
        limits.window = 2
        var download = Self.download(limits)
        #expect(try download.tick(now: .seconds(4)) == .ask([]))
        #expect(download.deadline == .seconds(5))
        #expect(try download.tick(now: .seconds(5)) == .redial([.manifest(PolicyVersion(2))]))
        _ = try download.received(Self.reply(to: .manifest(PolicyVersion(2))), now: .seconds(6))
        let window = Self.sample.manifest.chunks[0..<2].map { WeightRequest.chunk(hash: $0) }
        #expect(try download.tick(now: .seconds(11)) == .redial(window))
        #expect(throws: WeightFetchError.timedOut(PolicyVersion(2), after: .seconds(60), chunksLeft: 12)) {
            try download.tick(now: .seconds(66))
        }
    }

    @Test func `a manifest larger than the machine is refused before anything is allocated`() throws {
        var limits = WeightDownload.Limits()
        limits.largestVersion = 11_999
        var download = Self.download(limits)
        let reply = try Self.reply(to: .manifest(PolicyVersion(2)))
        let error = #expect(throws: WeightFetchError.self) { try download.received(reply, now: .zero) }
        guard case .invalidManifest(PolicyVersion(2), let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("12000 bytes"))
    }

    @Test func `equal chunks are asked for once and put in all their places`() throws {
        let bytes = [UInt8](repeating: 6, count: 4096)
        let manifest = SampleWeights.manifest(version: 2, bytes: bytes, chunkSize: 1024)
        var download = Self.download()
        let asked = try download.received(.manifest(manifest), now: .zero)
        #expect(asked == .ask([.chunk(hash: manifest.chunks[0])]))
        let chunk = WeightReply.chunk(hash: manifest.chunks[0], bytes: Array(bytes[0..<1024]))
        #expect(try download.received(chunk, now: .zero) == .complete(manifest, SharedBuffer(bytes)))
    }

    @Test func `chunks of an abandoned download serve the next one`() throws {
        var first = Self.download()
        _ = try first.received(Self.reply(to: .manifest(PolicyVersion(2))), now: .zero)
        for hash in Self.sample.manifest.chunks[0..<5] {
            _ = try first.received(Self.reply(to: .chunk(hash: hash)), now: .zero)
        }
        var second = WeightDownload(
            PolicyVersion(2), from: "here", limits: .init(), leftOver: first.abandon(), now: .zero)
        let asked = try second.received(Self.reply(to: .manifest(PolicyVersion(2))), now: .zero)
        #expect(asked == .ask(Self.sample.manifest.chunks[5...].map { .chunk(hash: $0) }))
    }

    @Test func `an empty version is complete with its manifest`() throws {
        let manifest = WeightManifest(
            version: PolicyVersion(2), tensors: [], chunkSize: 1000, chunks: [], totalBytes: 0,
            policyHash: Samples.digest)
        var download = Self.download()
        #expect(
            try download.received(.manifest(manifest), now: .zero) == .complete(manifest, SharedBuffer([])))
    }
}
