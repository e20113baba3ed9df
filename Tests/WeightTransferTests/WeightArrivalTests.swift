import Primitives
import TestSupport
import Testing

@testable import Reinforcement
@testable import WeightTransfer
@testable import Wire

struct `An arrival` {
    /// Three versions of bf16 bits, each with a few elements changed, and what a server would say of them.
    struct Chain {
        let blobs: [[UInt8]]
        let manifests: [WeightManifest]
        let packs: [String: [UInt8]]

        init(_ count: Int = 3) {
            var chain = DeltaChain()
            var blobs: [[UInt8]] = []
            var manifests: [WeightManifest] = []
            var packs: [String: [UInt8]] = [:]
            var random = SplitMix(seed: 5)
            var bytes = (0..<16_000).map { _ in UInt8(truncatingIfNeeded: random.next() >> 7) }
            for version in 0..<count {
                let manifest = SampleWeights.manifest(version: version, bytes: bytes, dtype: .bf16)
                manifests.append(chain.add(manifest, SharedBuffer(bytes)))
                blobs.append(bytes)
                for delta in chain.deltas {
                    for (chunk, bytes) in zip(delta.step.chunks, delta.chunks) {
                        packs[chunk.hash] = bytes.bytes
                    }
                }
                for _ in 0..<30 { bytes[Int(random.next() % 16_000)] ^= 0x15 }
            }
            self.blobs = blobs
            self.manifests = manifests
            self.packs = packs
        }

        func held(_ version: Int) -> HeldWeights {
            HeldWeights(manifest: manifests[version], bytes: SharedBuffer(blobs[version]))
        }

        /// What a server sends for a hash of a version.
        func chunk(_ hash: String, of version: Int) -> [UInt8]? {
            if let pack = packs[hash] { return pack }
            let manifest = manifests[version]
            return manifest.chunks.firstIndex(of: hash).map { Array(blobs[version][manifest.pieces[$0]]) }
        }
    }

    private static func fill(_ arrival: inout WeightArrival, _ chain: Chain, _ version: Int) throws
        -> [String]
    {
        var asked: [String] = []
        while let hash = arrival.nextToAsk() {
            asked.append(hash)
            let bytes = try #require(chain.chunk(hash, of: version))
            #expect(bytes.withUnsafeBytes { arrival.accept($0, hash: hash) })
        }
        return asked
    }

    @Test(arguments: [0, 1]) func `from any version of the chain takes the deltas alone`(base: Int) throws {
        let chain = Chain()
        var arrival = WeightArrival(chain.manifests[2], held: chain.held(base))
        let asked = try Self.fill(&arrival, chain, 2)
        #expect(asked == chain.manifests[2].deltas[base...].flatMap { $0.chunks.map(\.hash) })
        #expect(arrival.missing.isEmpty)
        #expect(arrival.takeBytes() == chain.blobs[2])
        #expect(chain.held(base).bytes.bytes == chain.blobs[base])
    }

    @Test func `of a late joiner takes the newest in full`() throws {
        let chain = Chain()
        var arrival = WeightArrival(chain.manifests[2])
        #expect(try Self.fill(&arrival, chain, 2) == chain.manifests[2].chunks)
        #expect(arrival.takeBytes() == chain.blobs[2])
    }

    @Test func `from a base of the same number but other content takes what differs in full`() throws {
        let chain = Chain()
        var other = chain.blobs[1]
        other[3] ^= 1
        let held = HeldWeights(
            manifest: SampleWeights.manifest(version: 1, bytes: other, dtype: .bf16),
            bytes: SharedBuffer(other))
        var arrival = WeightArrival(chain.manifests[2], held: held)
        let asked = try Self.fill(&arrival, chain, 2)
        #expect(Set(asked).isSubset(of: chain.manifests[2].chunks))
        #expect(arrival.takeBytes() == chain.blobs[2])
    }

    @Test func `over a base that rotted takes the wrong chunks in full, and only them`() throws {
        let chain = Chain()
        var rotten = chain.blobs[1]
        let changed = zip(chain.manifests[1].chunks, chain.manifests[2].chunks).enumerated().first {
            $1.0 != $1.1
        }
        let place = try #require(changed).offset
        // A byte that the delta leaves alone.
        let byte = try #require(
            chain.manifests[2].pieces[place].first { chain.blobs[1][$0] == chain.blobs[2][$0] })
        rotten[byte] ^= 1
        let held = HeldWeights(manifest: chain.manifests[1], bytes: SharedBuffer(rotten))
        var arrival = WeightArrival(chain.manifests[2], held: held)
        let asked = try Self.fill(&arrival, chain, 2)
        #expect(asked.last == chain.manifests[2].chunks[place])
        #expect(asked.count == chain.manifests[2].deltas[1].chunks.count + 1)
        #expect(arrival.takeBytes() == chain.blobs[2])
    }

    @Test func `through deltas that cannot be applied takes all that changed in full`() throws {
        let chain = Chain(2)
        let nonsense: [UInt8] = [1, 2, 3]
        let step = DeltaStep(
            base: PolicyVersion(0), contents: chain.manifests[0].contents,
            chunks: [.init(hash: ContentHash.text(of: nonsense), size: 3)])
        var arrival = WeightArrival(chain.manifests[1].reached(by: [step]), held: chain.held(0))
        let next = arrival.nextToAsk()
        let first = try #require(next)
        #expect(first == step.chunks[0].hash && arrival.isOfDelta(first))
        #expect(nonsense.withUnsafeBytes { arrival.accept($0, hash: first) })
        let asked = try Self.fill(&arrival, chain, 1)
        let changed = zip(chain.manifests[0].chunks, chain.manifests[1].chunks).filter { $0 != $1 }.map(\.1)
        #expect(asked == changed)
        #expect(arrival.takeBytes() == chain.blobs[1])
    }

    @Test func `that gives its deltas up takes what changed in full`() throws {
        let chain = Chain(2)
        var arrival = WeightArrival(chain.manifests[1], held: chain.held(0))
        arrival.leaveRoute()
        _ = try Self.fill(&arrival, chain, 1)
        #expect(arrival.takeBytes() == chain.blobs[1])
    }

    @Test func `of what is held already needs nothing`() {
        let chain = Chain(1)
        var arrival = WeightArrival(chain.manifests[0], held: chain.held(0))
        #expect(arrival.missing.isEmpty)
        #expect(arrival.takeBytes() == chain.blobs[0])
    }
}
