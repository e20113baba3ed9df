package import Reinforcement

/// What one published policy consists of: tensors over one blob, the blob cut into chunks, everything hashed.
///
/// Hashes are SHA-256 in lowercase hexadecimal. Tensors lie one behind the other in the order of their names, without
/// gaps; every chunk but the last has `chunkSize` bytes.
package struct WeightManifest: Sendable, Hashable {
    package let version: PolicyVersion
    package let tensors: [TensorEntry]
    /// Bytes of every chunk but the last.
    package let chunkSize: Int
    /// Hash of each chunk, in order.
    package let chunks: [String]
    /// Bytes of the blob.
    package let totalBytes: Int
    /// `policy_sha256` of the learner's fp32 masters, which the blob may hold in another precision.
    package let policyHash: String

    package init(
        version: PolicyVersion, tensors: [TensorEntry], chunkSize: Int, chunks: [String], totalBytes: Int,
        policyHash: String
    ) {
        self.version = version
        self.tensors = tensors
        self.chunkSize = chunkSize
        self.chunks = chunks
        self.totalBytes = totalBytes
        self.policyHash = policyHash
    }

    package struct TensorEntry: Sendable, Hashable {
        package let name: String
        package let dtype: DType
        package let shape: [Int]
        /// Bytes of the blob.
        package let range: Range<Int>
        /// Of the tensor's bytes.
        package let hash: String

        package init(name: String, dtype: DType, shape: [Int], range: Range<Int>, hash: String) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.range = range
            self.hash = hash
        }
    }

    /// Element types by their safetensors names.
    package enum DType: String, Sendable, Hashable, CaseIterable {
        case fp32 = "F32"
        case bf16 = "BF16"

        /// Bytes of one element.
        package var size: Int { self == .fp32 ? 4 : 2 }
    }

    /// Bytes of the blob that a chunk holds.
    package func byteRange(ofChunk index: Int) -> Range<Int> {
        index * chunkSize..<min((index + 1) * chunkSize, totalBytes)
    }
}
