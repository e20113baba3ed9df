package import Torch

/// A tensor with its name on disk and on the wire.
package struct NamedTensor {
    package let name: String
    package let tensor: Tensor

    package init(_ name: String, _ tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
