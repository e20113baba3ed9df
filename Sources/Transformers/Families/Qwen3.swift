package import Torch

/// Attention of the Qwen3 architecture (arXiv 2505.09388): grouped queries, rotary positions, no biases; each query
/// head and key head is normalised before it is rotated.
package struct Qwen3Attention: SelfAttention {
    package let qkv, output: Projection
    private let norms: (query: Tensor, key: Tensor)
    package var queryNorm: Tensor? { norms.query }
    package var keyNorm: Tensor? { norms.key }
    private let heads, kvHeads: Int
    private let rope: RotaryPositions
    private let epsilon: Double

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        qkv = try source.qkv(configuration)
        norms = (
            try source["q_norm"]("weight", [configuration.headWidth]),
            try source["k_norm"]("weight", [configuration.headWidth])
        )
        output = try source.attentionOutput(configuration)
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = configuration.rope.positions(width: configuration.headWidth)
        epsilon = configuration.rmsEpsilon
    }

    package func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        let normed = try qkv(x).headNorm(
            query: norms.query, key: norms.key, heads: heads, kvHeads: kvHeads, epsilon: epsilon)
        return try output(normed.packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope))
    }
}
