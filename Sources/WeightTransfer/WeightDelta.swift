import Compression
package import Primitives
import Reinforcement

/// The delta from one version to the next: the step that manifests name, and its chunks.
package struct WeightDelta: Sendable {
    package let step: DeltaStep
    /// The bytes of the chunks, in the step's order; each is one `DeltaRun`, packed with zstd.
    package let chunks: [SharedBuffer]

    /// Compares two versions bit by bit.
    ///
    /// - Returns: nil when a full copy is no larger, when tensors lie elsewhere, or when most elements
    ///   changed, because packing would then take longer than it saves.
    package init?(
        from old: WeightManifest, _ oldBytes: SharedBuffer, to new: WeightManifest, _ newBytes: SharedBuffer
    ) {
        guard old.isLaidOut(as: new), oldBytes.count == newBytes.count, newBytes.count == new.totalBytes
        else {
            return nil
        }
        let stretches = Self.stretches(of: new)
        let runs: [[UInt8]?]? = oldBytes.bytes.withUnsafeBytes { before in
            newBytes.bytes.withUnsafeBytes { after in
                nonisolated(unsafe) let (before, after) = (before, after)
                guard Self.isSparse(stretches, before, after) else { return nil }
                return Parallel.map(stretches.count) { index in
                    let stretch = stretches[index]
                    return DeltaRun.bytes(from: before, to: after, in: stretch.range, width: stretch.width)
                        .flatMap { run in run.withUnsafeBytes { try? Zstandard.pack($0) } ?? [] }
                }
            }
        }
        guard let packed = runs?.compactMap({ $0 }), packed.allSatisfy({ !$0.isEmpty }) else { return nil }
        chunks = packed.map { SharedBuffer($0) }
        let hashes = Parallel.map(packed.count) { ContentHash.text(of: packed[$0]) }
        step = DeltaStep(
            base: old.version, contents: old.contents,
            chunks: zip(hashes, packed).map { DeltaStep.Chunk(hash: $0, size: $1.count) })
        guard step.size < new.totalBytes else { return nil }
    }

    /// Whether at most half of the elements changed, estimated from one page in sixteen.
    private static func isSparse(
        _ stretches: [(range: Range<Int>, width: Int)], _ old: UnsafeRawBufferPointer,
        _ new: UnsafeRawBufferPointer
    ) -> Bool {
        let page = 4096
        var (changed, elements) = (0, 0)
        for stretch in stretches {
            for start in stride(from: stretch.range.lowerBound, to: stretch.range.upperBound, by: 16 * page) {
                let range = start..<min(start + page, stretch.range.upperBound)
                changed += DeltaRun.changes(from: old, to: new, in: range, width: stretch.width)
                elements += range.count / stretch.width
            }
        }
        return changed <= elements / 2
    }

    /// Overwrites a base with a chunk's changes.
    ///
    /// Only the hashes of the result show whether it was the right base. Memory is bounded for any chunk.
    ///
    /// - Throws: `DeltaError`.
    package static func apply(_ chunk: [UInt8], to blob: UnsafeMutableRawBufferPointer) throws {
        do {
            let run = try chunk.withUnsafeBytes { try Zstandard.unpack($0, limit: DeltaRun.largest) }
            try run.withUnsafeBytes { try DeltaRun.apply($0, to: blob) }
        } catch let error as CompressionError {
            throw DeltaError(error.description)
        }
    }

    /// The blob in stretches of equal elements, each no longer than a run may be.
    private static func stretches(of manifest: WeightManifest) -> [(range: Range<Int>, width: Int)] {
        var stretches: [(range: Range<Int>, width: Int)] = []
        for tensor in manifest.tensors where !tensor.range.isEmpty {
            let width = tensor.dtype.size
            for start in stride(
                from: tensor.range.lowerBound, to: tensor.range.upperBound, by: DeltaRun.longest)
            {
                let range = start..<min(start + DeltaRun.longest, tensor.range.upperBound)
                if let last = stretches.last, last.width == width,
                    last.range.count + range.count <= DeltaRun.longest
                {
                    stretches[stretches.count - 1].range = last.range.lowerBound..<range.upperBound
                } else {
                    stretches.append((range, width))
                }
            }
        }
        return stretches
    }
}
