import Crypto
package import Primitives
package import Reinforcement
import Torch
package import Transformers
package import WeightTransfer

/// One version of the policy, ready to be served.
package struct PublishedPolicy: Sendable {
    package let manifest: WeightManifest
    package let bytes: SharedBuffer

    /// Bytes of a chunk of weights.
    package static let chunkSize = 1 << 20

    package var version: PolicyVersion { manifest.version }

    package init(manifest: WeightManifest, bytes: SharedBuffer) {
        self.manifest = manifest
        self.bytes = bytes
    }

    /// A copy of a model in the precision of a run's rollouts, everything hashed.
    ///
    /// - Throws: `TorchError`, `ModelError`.
    package init(of model: Policy, _ version: PolicyVersion, _ dtype: Precision) throws {
        let rounded = dtype == .bf16
        var blob: [UInt8] = []
        var tensors: [WeightManifest.TensorEntry] = []
        var masters = SHA256()
        for named in try model.namedTensors() {
            let master = try named.tensor.bytes()
            masters.update(data: master)
            let bytes = rounded ? try named.tensor.converted(to: .bfloat16).bytes() : master
            tensors.append(
                WeightManifest.TensorEntry(
                    name: named.name, dtype: rounded ? .bf16 : .fp32, shape: named.tensor.shape,
                    range: blob.count..<blob.count + bytes.count))
            blob += bytes
        }
        manifest = WeightManifest(
            version: version, tensors: tensors, chunkSize: Self.chunkSize, hashing: blob,
            policyHash: SHA256.text(of: masters.finalize()))
        bytes = SharedBuffer(blob)
    }
}
