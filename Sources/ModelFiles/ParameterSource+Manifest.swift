package import Primitives
import Reinforcement
import Torch
package import Transformers
package import WeightTransfer

/// A published policy does not fit the model of the run.
package struct PublishedPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

extension ParameterSource {
    /// The parameters of a published policy as float32; the bytes' hashes were checked on arrival.
    package init(_ manifest: WeightManifest, _ bytes: SharedBuffer) {
        let entries = Dictionary(
            manifest.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.init { name, shape in
            guard let entry = entries[name], entry.shape == shape, entry.range.upperBound <= bytes.count
            else {
                let found = entries[name].map { "\($0.shape)" } ?? "missing"
                throw PublishedPolicyError(
                    description:
                        "tensor \(name) of policy \(manifest.version.rawValue) is \(found), wanted \(shape)")
            }
            let tensor = try bytes.bytes.withUnsafeBytes { raw in
                try Tensor(
                    bytes: UnsafeRawBufferPointer(rebasing: raw[entry.range]),
                    dtype: DType(entry.dtype), shape: entry.shape)
            }
            return try tensor.converted(to: .float32)
        }
    }
}
