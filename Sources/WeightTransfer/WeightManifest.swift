import Primitives
package import Reinforcement

/// What one published policy consists of: tensors over one blob, each cut into chunks, everything hashed.
///
/// Hashes are SHA-256 in lowercase hexadecimal. Tensors lie one behind the other in the order of their names, without
/// gaps. A chunk never reaches beyond its tensor, so a tensor is checked by the hashes of its chunks.
package struct WeightManifest: Sendable, Hashable {
    package let version: PolicyVersion
    package let tensors: [TensorEntry]
    /// Bytes of every chunk but the last of each tensor.
    package let chunkSize: Int
    /// Hash of each chunk, in order.
    package let chunks: [String]
    /// Bytes of the blob.
    package let totalBytes: Int
    /// `policy_sha256` of the learner's fp32 masters, which the blob may hold in another precision.
    package let policyHash: String
    /// How to come here from earlier versions, the oldest first; each begins where the one before it ends.
    package let deltas: [DeltaStep]
    /// How its chunks are sealed for who fetches them where no keys are asked for; nil when they are not.
    package let seal: WeightSeal?

    /// Hash of every chunk that may be asked for: its own, then those of the deltas.
    package let chunkNames: [String]
    /// Bytes of the blob that each chunk holds; as many as `chunks` when the manifest is sound.
    package let pieces: [Range<Int>]

    package init(
        version: PolicyVersion, tensors: [TensorEntry], chunkSize: Int, chunks: [String], totalBytes: Int,
        policyHash: String, deltas: [DeltaStep] = [], seal: WeightSeal? = nil
    ) {
        self.version = version
        self.tensors = tensors
        self.chunkSize = chunkSize
        self.chunks = chunks
        self.totalBytes = totalBytes
        self.policyHash = policyHash
        self.deltas = deltas
        self.seal = seal
        chunkNames = chunks + deltas.flatMap { $0.chunks.map(\.hash) }
        pieces = Self.cut(tensors, chunkSize: chunkSize, atMost: chunks.count)
    }

    /// Hashes a blob.
    package init(
        version: PolicyVersion, tensors: [TensorEntry], chunkSize: Int, hashing bytes: [UInt8],
        policyHash: String
    ) {
        let pieces = Self.cut(tensors, chunkSize: chunkSize, atMost: .max)
        self.init(
            version: version, tensors: tensors, chunkSize: chunkSize,
            chunks: bytes.withUnsafeBytes { ContentHash.texts(of: pieces, in: $0) }, totalBytes: bytes.count,
            policyHash: policyHash)
    }

    /// The same version, reached by these deltas.
    package func reached(by deltas: [DeltaStep]) -> WeightManifest {
        WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize, chunks: chunks, totalBytes: totalBytes,
            policyHash: policyHash, deltas: deltas)
    }

    /// The same version, its chunks sealed, too.
    package func sealed(by seal: WeightSeal) -> WeightManifest {
        WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize, chunks: chunks, totalBytes: totalBytes,
            policyHash: policyHash, deltas: deltas, seal: seal)
    }

    package struct TensorEntry: Sendable, Hashable {
        package let name: String
        package let dtype: Precision
        package let shape: [Int]
        /// Bytes of the blob.
        package let range: Range<Int>

        package init(name: String, dtype: Precision, shape: [Int], range: Range<Int>) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.range = range
        }
    }

    /// What names the blob's content, whoever published it under whatever version.
    package var contents: String { ContentHash.text(of: Hexadecimal.bytes(of: chunks)) }

    /// Whether another version's tensors lie in the same places, so that a delta can lead from one to the other.
    package func isLaidOut(as other: WeightManifest) -> Bool {
        tensors == other.tensors && chunkSize == other.chunkSize
    }

    /// Cuts tensors into chunks; stops when there are more than `limit`, which no sound manifest has.
    package static func cut(_ tensors: [TensorEntry], chunkSize: Int, atMost limit: Int) -> [Range<Int>] {
        guard chunkSize > 0 else { return [] }
        var pieces: [Range<Int>] = []
        for tensor in tensors {
            for start in stride(from: tensor.range.lowerBound, to: tensor.range.upperBound, by: chunkSize) {
                guard pieces.count <= limit else { return pieces }
                pieces.append(start..<min(start + chunkSize, tensor.range.upperBound))
            }
        }
        return pieces
    }
}

/// One delta of a chain: what changed between two versions, packed into chunks of its own.
///
/// Its chunks are taken like any other, by their hashes. What they hold is said at `DeltaRun`.
package struct DeltaStep: Sendable, Hashable {
    package let base: PolicyVersion
    /// `WeightManifest.contents` of the version it begins with.
    package let contents: String
    package let chunks: [Chunk]

    package init(base: PolicyVersion, contents: String, chunks: [Chunk]) {
        self.base = base
        self.contents = contents
        self.chunks = chunks
    }

    package struct Chunk: Sendable, Hashable {
        package let hash: String
        /// Bytes, packed.
        package let size: Int

        package init(hash: String, size: Int) {
            self.hash = hash
            self.size = size
        }
    }

    /// Bytes to take.
    package var size: Int { chunks.reduce(0) { $0 + $1.size } }
}
