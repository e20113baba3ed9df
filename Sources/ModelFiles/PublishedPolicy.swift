package import Primitives
package import Reinforcement
import Torch
package import Transformers
package import WeightTransfer

/// One version of the policy, ready for workers to fetch.
package struct PublishedPolicy: Sendable {
    package let manifest: WeightManifest
    package let bytes: SharedBuffer

    /// Size of one chunk of weights in bytes.
    package static let chunkSize = 1 << 20

    package var version: PolicyVersion { manifest.version }

    package init(manifest: WeightManifest, bytes: SharedBuffer) {
        self.manifest = manifest
        self.bytes = bytes
    }

    /// Copies a model in the precision of the run's rollouts, and hashes every part.
    ///
    /// The tensors are copied straight into one buffer of their total size. Peak memory is that buffer and,
    /// in bf16, the largest tensor in both precisions.
    ///
    /// - Throws: `TorchError`, `ModelError`.
    package init(of model: Policy, _ version: PolicyVersion, _ dtype: Precision) throws {
        let isRounded = dtype == .bf16
        let named = try model.namedTensors()
        var size = 0
        let tensors = named.map { named in
            let start = size
            size += named.tensor.count * (isRounded ? DType.bfloat16 : .float32).size
            return WeightManifest.TensorEntry(
                name: named.name, dtype: isRounded ? .bf16 : .fp32, shape: named.tensor.shape,
                range: start..<size)
        }
        var masters = ContentHash()
        let blob = try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            for (named, entry) in zip(named, tensors) {
                let place = UnsafeMutableRawBufferPointer(
                    UnsafeMutableBufferPointer(rebasing: buffer[entry.range]))
                if isRounded {
                    masters.update(try named.tensor.bytes())
                    try named.tensor.converted(to: .bfloat16).copyBytes(to: place)
                } else {
                    try named.tensor.copyBytes(to: place)
                    masters.update(UnsafeRawBufferPointer(place))
                }
            }
            filled = size
        }
        manifest = WeightManifest(
            version: version, tensors: tensors, chunkSize: Self.chunkSize, hashing: blob,
            policyHash: masters.text)
        bytes = SharedBuffer(blob)
    }
}
