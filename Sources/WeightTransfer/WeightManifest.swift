import Primitives
package import Reinforcement

/// The contents of one published policy: tensors in one blob, cut into chunks, each with its hash.
///
/// Hashes are SHA-256 in lowercase hexadecimal. Tensors lie one after the other in the order of their names,
/// without gaps. A chunk never reaches beyond its tensor, so a tensor is checked by the hashes of its chunks.
package struct WeightManifest: Sendable, Hashable {
    package let version: PolicyVersion
    package let tensors: [TensorEntry]
    /// Size of every chunk but the last of each tensor, bytes.
    package let chunkSize: Int
    /// Hash of each chunk, in order.
    package let chunks: [String]
    /// Size of the blob, bytes.
    package let totalBytes: Int
    /// `policy_sha256` of the learner's fp32 masters, which the blob may hold in another precision.
    package let policyHash: String
    /// Deltas from earlier versions to this one, the oldest first; each begins where the one before it ends.
    package let deltas: [DeltaStep]
    /// How the chunks are sealed for peers that fetch from a port without keys; nil when they are not.
    package let seal: WeightSeal?

    /// Hash of every chunk that may be asked for: the version's own chunks, then those of the deltas.
    package let chunkNames: [String]
    /// Range of each chunk in the blob, bytes; a valid manifest has one for each of `chunks`.
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

    /// Describes a blob and hashes its chunks.
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

    /// This version with the deltas that lead to it.
    package func reached(by deltas: [DeltaStep]) -> WeightManifest {
        WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize, chunks: chunks, totalBytes: totalBytes,
            policyHash: policyHash, deltas: deltas)
    }

    /// This version with a seal for its chunks.
    package func sealed(by seal: WeightSeal) -> WeightManifest {
        WeightManifest(
            version: version, tensors: tensors, chunkSize: chunkSize, chunks: chunks, totalBytes: totalBytes,
            policyHash: policyHash, deltas: deltas, seal: seal)
    }

    package struct TensorEntry: Sendable, Hashable {
        package let name: String
        package let dtype: Precision
        package let shape: [Int]
        /// Range of the tensor in the blob, bytes.
        package let range: Range<Int>

        package init(name: String, dtype: Precision, shape: [Int], range: Range<Int>) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.range = range
        }
    }

    /// A hash of the blob's content alone, independent of its publisher and version.
    package var contents: String { ContentHash.text(of: Hexadecimal.bytes(of: chunks)) }

    /// Whether another version has the same layout, so that a delta can lead from one to the other.
    package func isLaidOut(as other: WeightManifest) -> Bool {
        tensors == other.tensors && chunkSize == other.chunkSize
    }

    /// Cuts tensors into chunks; stops above `limit` chunks, which no valid manifest has.
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

/// One delta of a chain: the changes between two versions, packed into chunks of its own.
///
/// Its chunks are fetched by their hashes like any other; `DeltaRun` describes their content.
package struct DeltaStep: Sendable, Hashable {
    package let base: PolicyVersion
    /// `WeightManifest.contents` of the base version.
    package let contents: String
    package let chunks: [Chunk]

    package init(base: PolicyVersion, contents: String, chunks: [Chunk]) {
        self.base = base
        self.contents = contents
        self.chunks = chunks
    }

    package struct Chunk: Sendable, Hashable {
        package let hash: String
        /// Packed size, bytes.
        package let size: Int

        package init(hash: String, size: Int) {
            self.hash = hash
            self.size = size
        }
    }

    /// Bytes to fetch.
    package var size: Int { chunks.reduce(0) { $0 + $1.size } }
}
