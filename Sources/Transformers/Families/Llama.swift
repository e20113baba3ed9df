package import Torch

/// Attention of the Llama architecture (arXiv 2307.09288, 2407.21783): grouped queries, rotary positions, no biases.
package struct LlamaAttention: SelfAttention {
    package let qkv, output: Projection
    private let heads, kvHeads: Int
    private let rope: RotaryPositions

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        qkv = try source.qkv(configuration)
        output = try source.attentionOutput(configuration)
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = configuration.rope.positions(width: configuration.headWidth)
    }

    package func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        try output(qkv(x).packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope))
    }
}
