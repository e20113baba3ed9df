/// A learned linear map, x ↦ x · weightᵀ + bias.
///
/// Layers hold projections rather than bare matrices, so that a low-rank adapter (LoRA, Hu et al., arXiv 2106.09685)
/// has one place: a projection with an adapter would add x · Aᵀ · Bᵀ here, and would merge B · A into the weight that a
/// decoder copies.
package struct Projection {
    /// [outputs, inputs].
    package let weight: Tensor
    /// [outputs]; nil for none.
    package let bias: Tensor?

    package init(_ weight: Tensor, bias: Tensor? = nil) {
        self.weight = weight
        self.bias = bias
    }

    /// [n, inputs] → [n, outputs], with a gradient.
    package func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor { try x.linear(weight, bias: bias) }
}
