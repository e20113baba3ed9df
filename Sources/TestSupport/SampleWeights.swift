import Primitives
package import Reinforcement
package import WeightTransfer
package import Wire

/// A version of twelve small chunks and correct answers about it.
package struct SampleWeights: Sendable {
    package let manifest: WeightManifest
    package let bytes: [UInt8]

    package init(version: Int) {
        bytes = (0..<12_000).map { UInt8(truncatingIfNeeded: $0 &* (version + 3) &+ $0 >> 8) }
        manifest = Self.manifest(version: version, bytes: bytes)
    }

    /// Two tensors in chunks of a given size; the hashes are the product's, which a test of its own compares
    /// with a reference too slow to use everywhere.
    package static func manifest(
        version: Int, bytes: [UInt8], chunkSize: Int = 1000, dtype: Precision = .fp32
    ) -> WeightManifest {
        let half = bytes.count / 2
        func tensor(_ name: String, _ range: Range<Int>) -> WeightManifest.TensorEntry {
            WeightManifest.TensorEntry(name: name, dtype: dtype, shape: [half / dtype.size], range: range)
        }
        return WeightManifest(
            version: PolicyVersion(version),
            tensors: [tensor("a", 0..<half), tensor("b", half..<bytes.count)],
            chunkSize: chunkSize, hashing: bytes, policyHash: ContentHash.text(of: bytes))
    }

    /// The answer of a correct server.
    package func honest(_ request: WeightRequest) -> [Frame]? {
        switch request {
        case .manifest(manifest.version):
            return try? WeightCoder.encode(.manifest(manifest))
        case .manifest(let version):
            return try? WeightCoder.encode(.unknownVersion(version, newest: manifest.version))
        case .chunk(let hash):
            guard let index = manifest.chunks.firstIndex(of: hash) else {
                return try? WeightCoder.encode(.unknownChunk(hash: hash))
            }
            let chunk = Array(bytes[manifest.pieces[index]])
            return try? WeightCoder.encode(.chunk(hash: hash, bytes: chunk))
        }
    }

    /// The answer with one bit of its last frame flipped.
    package func flipped(_ request: WeightRequest) -> [Frame]? {
        guard var frames = honest(request), let last = frames.popLast() else { return nil }
        var bytes = last
        bytes[bytes.count / 2] ^= 0x10
        return frames + [bytes]
    }
}
