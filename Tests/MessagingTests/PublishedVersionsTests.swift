import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer
import Wire
import ZeroMQ

@testable import Messaging

struct `Published versions` {
    private static func sample(_ version: Int) -> SampleWeights {
        SampleWeights(version: version)
    }

    private static func version(_ sample: SampleWeights) throws -> PublishedVersions.Version {
        try PublishedVersions.Version(sample.manifest, bytes: SharedBuffer(sample.bytes))
    }

    /// The buffer that the first chunk lies in.
    private static func blob(of version: PublishedVersions.Version) -> SharedBuffer? {
        version.chunks.values.first { $0.range.lowerBound == 0 }?.buffer
    }

    private static func reply(_ parts: [Part]) throws -> WeightReply {
        try WeightCoder.decodeReply(
            parts.map { part in
                switch part {
                case .bytes(let bytes): bytes
                case .shared(let buffer, let range): Array(buffer.bytes[range])
                }
            })
    }

    @Test func `are the newest two, and the bytes of all others are released`() throws {
        var published = PublishedVersions()
        weak var first: SharedBuffer?
        weak var second: SharedBuffer?
        try {
            let versions = try [Self.version(Self.sample(0)), Self.version(Self.sample(1))]
            (first, second) = (Self.blob(of: versions[0]), Self.blob(of: versions[1]))
            for version in versions { published.publish(version) }
        }()
        #expect(first != nil && second != nil)
        published.publish(try Self.version(Self.sample(2)))
        #expect(first == nil && second != nil)

        let gone = try Self.reply(published.reply(to: .manifest(PolicyVersion(0))))
        #expect(gone == .unknownVersion(PolicyVersion(0), newest: PolicyVersion(2)))
        let chunk = Self.sample(0).manifest.chunks[0]
        #expect(try Self.reply(published.reply(to: .chunk(hash: chunk))) == .unknownChunk(hash: chunk))
        for held in [1, 2] {
            let sample = Self.sample(held)
            #expect(
                try Self.reply(published.reply(to: .manifest(PolicyVersion(held))))
                    == .manifest(sample.manifest))
        }
    }

    @Test func `send chunks from the one buffer`() throws {
        var published = PublishedVersions()
        let sample = Self.sample(1)
        let version = try Self.version(sample)
        published.publish(version)
        for (index, hash) in sample.manifest.chunks.enumerated() {
            guard case .shared(let buffer, let range) = try published.reply(to: .chunk(hash: hash)).last
            else {
                Issue.record("chunk \(index) is copied")
                continue
            }
            #expect(buffer === Self.blob(of: version))
            #expect(range == sample.manifest.pieces[index])
        }
    }

    @Test func `a version published again takes its own place`() throws {
        var published = PublishedVersions()
        for number in [1, 2, 2, 2] { published.publish(try Self.version(Self.sample(number))) }
        let reply = try Self.reply(published.reply(to: .manifest(PolicyVersion(1))))
        #expect(reply == .manifest(Self.sample(1).manifest))
    }

    @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 1000])
    func `hashes are SHA-256 as the standard has it`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(ContentHash.text(of: bytes) == SHA256Reference.hexadecimal(bytes))
    }

    @Test func `are none before the first is published`() throws {
        let reply = try Self.reply(PublishedVersions().reply(to: .manifest(PolicyVersion(0))))
        #expect(reply == .unknownVersion(PolicyVersion(0), newest: nil))
    }
}
