import Primitives
import TestSupport
import Testing

@testable import Compression
@testable import Reinforcement
@testable import WeightTransfer
@testable import Wire

struct `A weight delta` {
    /// Two tensors over a blob, and the same with other bits.
    private static func manifest(
        _ version: Int, _ bytes: [UInt8], _ dtype: Precision = .bf16
    ) -> WeightManifest {
        let middle = bytes.count / 8 * 4
        func tensor(_ name: String, _ range: Range<Int>) -> WeightManifest.TensorEntry {
            WeightManifest.TensorEntry(
                name: name, dtype: dtype, shape: [range.count / dtype.size], range: range)
        }
        return WeightManifest(
            version: PolicyVersion(version),
            tensors: [tensor("a", 0..<middle), tensor("b", middle..<bytes.count)],
            chunkSize: 4096, hashing: bytes, policyHash: Samples.digest)
    }

    private static func delta(
        _ old: [UInt8], _ new: [UInt8], _ dtype: Precision = .bf16
    ) -> WeightDelta? {
        WeightDelta(
            from: manifest(1, old, dtype), SharedBuffer(old), to: manifest(2, new, dtype), SharedBuffer(new))
    }

    private static func apply(_ chunks: [[UInt8]], to bytes: [UInt8]) throws -> [UInt8] {
        var bytes = bytes
        for chunk in chunks {
            try bytes.withUnsafeMutableBytes { blob in try WeightDelta.apply(chunk, to: blob) }
        }
        return bytes
    }

    /// Random bits, NaN payloads, infinities and both zeros among them.
    private static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() >> 11) }
    }

    /// Other bits in one element of `every`.
    private static func changed(_ bytes: [UInt8], every: Int, width: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix(seed: seed)
        var bytes = bytes
        for start in stride(from: 0, to: bytes.count, by: width) where random.next() % UInt64(every) == 0 {
            for byte in start..<start + width { bytes[byte] = UInt8(truncatingIfNeeded: random.next() >> 9) }
        }
        return bytes
    }

    @Test(arguments: [Precision.bf16, .fp32], [3, 40, 1000])
    func `of random bits gives the very bits back, and is smaller`(dtype: Precision, every: Int)
        throws
    {
        let old = Self.random(80_000, seed: 7)
        let new = Self.changed(old, every: every, width: dtype.size, seed: 8)
        let delta = try #require(Self.delta(old, new, dtype))
        #expect(try Self.apply(delta.chunks.map(\.bytes), to: old) == new)
        #expect(delta.step.size < old.count)
        #expect(
            delta.step.base == PolicyVersion(1)
                && delta.step.contents == Self.manifest(1, old, dtype).contents)
        #expect(
            delta.step.chunks
                == delta.chunks.map { .init(hash: SHA256Reference.hexadecimal($0.bytes), size: $0.count) })
    }

    @Test func `keeps the sign of zero and the payload of a NaN`() throws {
        let patterns: [UInt16] = [0x0000, 0x8000, 0x7F80, 0xFF80, 0x7FC1, 0xFFC2, 0x7F81, 0x3F80]
        func blob(_ changes: [Int: UInt16]) -> [UInt8] {
            (0..<4000).flatMap { place -> [UInt8] in
                let value = changes[place] ?? patterns[place % 8]
                return [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
            }
        }
        let old = blob([:])
        let new = blob([0: 0x8000, 1: 0x0000, 4: 0x7FC2, 3999: 0x7F81])
        let delta = try #require(Self.delta(old, new))
        #expect(try Self.apply(delta.chunks.map(\.bytes), to: old) == new)
    }

    @Test func `done twice, or over a part of itself, gives the same`() throws {
        let old = Self.random(20_000, seed: 1)
        let new = Self.changed(old, every: 10, width: 2, seed: 2)
        let chunks = try #require(Self.delta(old, new)).chunks.map(\.bytes)
        #expect(try Self.apply(chunks + chunks, to: old) == new)
    }

    @Test func `of nothing has nothing to take`() throws {
        let bytes = Self.random(8000, seed: 3)
        let delta = try #require(Self.delta(bytes, bytes))
        #expect(delta.chunks.isEmpty && delta.step.size == 0)
    }

    @Test func `is not made when most elements changed, or when tensors lie elsewhere`() {
        let old = Self.random(8000, seed: 4)
        #expect(Self.delta(old, Self.random(8000, seed: 5)) == nil)
        #expect(Self.delta(old, Self.random(8008, seed: 5)) == nil)
        #expect(
            WeightDelta(
                from: Self.manifest(1, old), SharedBuffer(old), to: Self.manifest(2, old, .fp32),
                SharedBuffer(old))
                == nil)
    }

    @Test func `of more than one stretch comes in as many chunks`() throws {
        let old = [UInt8](repeating: 1, count: DeltaRun.longest + 4096)
        var new = old
        for place in [0, 2, DeltaRun.longest - 2, DeltaRun.longest + 4094] { new[place] = 9 }
        let delta = try #require(Self.delta(old, new))
        #expect(delta.chunks.count == 2)
        #expect(try Self.apply(delta.chunks.map(\.bytes), to: old) == new)
    }

    @Test func `that is cut short or holds other bytes is refused or stays within the blob`() throws {
        let old = Self.random(20_000, seed: 1)
        let chunk = try #require(Self.delta(old, Self.changed(old, every: 10, width: 2, seed: 2))).chunks[0]
            .bytes
        for count in stride(from: 0, to: chunk.count, by: 97) {
            #expect(throws: DeltaError.self) { try Self.apply([Array(chunk.prefix(count))], to: old) }
        }
        let run = try chunk.withUnsafeBytes { try Zstandard.unpack($0, limit: 1 << 20) }
        var random = SplitMix(seed: 9)
        for _ in 0..<3000 {
            var broken = run
            // Header and gaps, where a wrong number could reach out of the blob.
            for _ in 0..<1 + random.next() % 3 {
                broken[Int(random.next() % UInt64(min(broken.count, 400)))] = UInt8(
                    truncatingIfNeeded: random.next())
            }
            let packed = try broken.withUnsafeBytes { try Zstandard.pack($0) }
            _ = try? Self.apply([packed], to: old)
        }
        #expect(throws: DeltaError.self) { try Self.apply([[]], to: old) }
    }

    @Test func `that would unpack to more than any run holds is refused`() throws {
        let zeros = [UInt8](repeating: 0, count: DeltaRun.largest + 1)
        let bomb = try zeros.withUnsafeBytes { try Zstandard.pack($0) }
        let error = #expect(throws: DeltaError.self) { try Self.apply([bomb], to: [1, 2, 3, 4]) }
        #expect(error?.description.contains("at most \(DeltaRun.largest)") == true)
    }

    @Test func `joins a chain that is bounded and ends with a full copy`() {
        var chain = DeltaChain()
        var bytes = Self.random(40_000, seed: 1)
        #expect(chain.add(Self.manifest(0, bytes), SharedBuffer(bytes)).deltas.isEmpty)
        for version in 1...12 {
            bytes = Self.changed(bytes, every: 1000, width: 2, seed: UInt64(version))
            let steps = chain.add(Self.manifest(version, bytes), SharedBuffer(bytes)).deltas
            #expect(steps.map(\.base.rawValue) == Array(max(0, version - DeltaChain.longest)..<version))
        }
        let dense = Self.random(40_000, seed: 99)
        #expect(chain.add(Self.manifest(13, dense), SharedBuffer(dense)).deltas.isEmpty)
        let after = Self.changed(dense, every: 1000, width: 2, seed: 5)
        #expect(chain.add(Self.manifest(14, after), SharedBuffer(after)).deltas.map(\.base.rawValue) == [13])
        // A resumed run publishes again what it had published.
        #expect(chain.add(Self.manifest(14, after), SharedBuffer(after)).deltas.isEmpty)
    }

    @Test func `joins no chain that is longer than a full copy`() {
        var chain = DeltaChain()
        var bytes = Self.random(40_000, seed: 1)
        var most = 0
        for version in 0...6 {
            let manifest = chain.add(Self.manifest(version, bytes), SharedBuffer(bytes))
            #expect(manifest.deltas.reduce(0) { $0 + $1.size } < bytes.count)
            most = max(most, manifest.deltas.count)
            bytes = Self.changed(bytes, every: 3, width: 2, seed: UInt64(version))
        }
        #expect((1...4).contains(most))
    }
}
