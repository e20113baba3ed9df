import Foundation
import Primitives
import Reinforcement
import TestSupport
import Testing
import WeightTransfer

@testable import Wire

struct `A sealed version` {
    /// 80 bytes in four chunks, two of them alike, reached by a delta of one chunk.
    private struct Version {
        let bytes: SharedBuffer
        let deltas: [WeightDelta]
        let manifest: WeightManifest
        let sealed: SealedChunks

        init() throws {
            let old = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
            var new = old
            new[70] ^= 1
            let before = Samples.manifest(version: PolicyVersion(3), bytes: old, chunkSize: 512)
            let plain = Samples.manifest(version: PolicyVersion(4), bytes: new, chunkSize: 512)
            bytes = SharedBuffer(new)
            deltas = [try #require(WeightDelta(from: before, SharedBuffer(old), to: plain, bytes))]
            let reached = plain.reached(by: deltas.map(\.step))
            sealed = try SealedChunks(reached, bytes, deltas: deltas, address: .port(5557))
            manifest = reached.sealed(by: sealed.seal)
        }

        /// The chunk at a place.
        func chunk(_ place: Int) -> [UInt8] {
            let pieces = manifest.pieces
            return place < pieces.count
                ? Array(bytes.bytes[pieces[place]]) : deltas[0].chunks[place - pieces.count].bytes
        }
    }

    private func open(_ reader: SealReader?, _ sealed: [UInt8], _ name: String) -> [UInt8]? {
        sealed.withUnsafeBytes { reader?.open($0, name: name) }.map { Array($0) }
    }

    @Test func `opens to the very chunks, those of its deltas, too, for who has the manifest`() throws {
        let version = try Version()
        let names = version.sealed.seal.names
        #expect(names.count == version.manifest.chunks.count + 1)
        let reader = SealReader(version.manifest)
        for (place, name) in names.enumerated() {
            let sealed = version.sealed.chunks[place].bytes
            let chunk = version.chunk(place)
            #expect(sealed.count == chunk.count + 16 && !sealed.starts(with: chunk))
            #expect(ContentHash.text(of: sealed) == name)
            #expect(open(reader, sealed, name) == chunk)
            #expect(reader?.hash(of: name) == ContentHash.text(of: chunk))
            let asked = try #require(reader?.name(of: ContentHash.text(of: chunk)))
            #expect(reader?.hash(of: asked) == ContentHash.text(of: chunk))
        }
    }

    @Test func `opens for nobody else, and not where bits are other ones`() throws {
        let (version, other) = (try Version(), try Version())
        let names = version.sealed.seal.names
        // The same chunks under another key.
        #expect(Set(names).isDisjoint(with: other.sealed.seal.names))
        #expect(SealReader(version.manifest)?.hash(of: other.sealed.seal.names[0]) == nil)
        let reader = SealReader(version.manifest)
        let sealed = version.sealed.chunks[0].bytes
        #expect(open(reader, other.sealed.chunks[0].bytes, names[0]) == nil)
        #expect(open(reader, sealed, names[1]) == nil)
        for length in [0, 15, 16, sealed.count - 1] {
            #expect(open(reader, Array(sealed[..<length]), names[0]) == nil)
        }
        for place in stride(from: 0, to: sealed.count, by: 7) {
            var flipped = sealed
            flipped[place] ^= 4
            #expect(open(reader, flipped, names[0]) == nil)
        }
    }

    @Test func `survives the wire, and its name is that of its plain bytes`() throws {
        let version = try Version()
        let reply = WeightReply.manifest(version.manifest)
        #expect(try WeightCoder.decodeReply(try WeightCoder.encode(reply)) == reply)
        #expect(
            version.manifest.contents == version.manifest.reached(by: version.manifest.deltas).contents)
        #expect(SealReader(version.manifest.reached(by: [])) == nil)
    }

    @Test func `with too few or too many names, or a key of another length, is refused`() throws {
        let version = try Version()
        let seal = version.sealed.seal
        for names in [Array(seal.names.dropLast()), seal.names + [Samples.digest]] {
            let wrong = version.manifest.sealed(
                by: WeightSeal(key: seal.key, address: seal.address, names: names))
            #expect(throws: WireError.self) { try WeightCoder.encode(.manifest(wrong)) }
            var frames = try WeightCoder.encode(.manifest(version.manifest))
            frames[1] = wrong.chunkFrame
            #expect(throws: WireError.self) { try WeightCoder.decodeReply(frames) }
        }
        let short = WeightSeal(key: Array(seal.key.dropLast()), address: seal.address, names: seal.names)
        #expect(throws: WireError.self) {
            try WeightCoder.encode(.manifest(version.manifest.sealed(by: short)))
        }
    }
}
