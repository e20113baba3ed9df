package import Torch

/// Attention of the Qwen2 architecture (arXiv 2407.10671): grouped queries, rotary positions, biases on query, key and
/// value.
package struct Qwen2Attention: SelfAttention {
    package let qkv, output: Projection
    private let heads, kvHeads: Int
    private let rope: RotaryPositions

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        qkv = try source.qkv(configuration, bias: true)
        output = try source.attentionOutput(configuration)
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = configuration.rope.positions(width: configuration.headWidth)
    }

    package func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        try output(qkv(x).packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope))
    }
}
