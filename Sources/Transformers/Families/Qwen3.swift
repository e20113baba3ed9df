package import Torch

/// One block of the Qwen3 architecture (arXiv 2505.09388), in reading order: attention and feed-forward, each behind a norm and beside
/// a residual.
package struct Qwen3Layer: PolicyLayer {
    private let attentionNorm: Tensor
    private let attention: Qwen3Attention
    private let mlpNorm: Tensor
    private let mlp: GatedMLP
    private let epsilon: Double

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        attentionNorm = try source["input_layernorm"]("weight", [configuration.hidden])
        attention = try Qwen3Attention(configuration, source["self_attn"])
        mlpNorm = try source["post_attention_layernorm"]("weight", [configuration.hidden])
        mlp = try GatedMLP(configuration, source["mlp"])
        epsilon = configuration.rmsEpsilon
    }

    package func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        let h = try x + attention(x.rmsNorm(attentionNorm, epsilon: epsilon), layout)
        return try h + mlp(h.rmsNorm(mlpNorm, epsilon: epsilon))
    }

    package var decoding: BatchDecoder.Layer {
        BatchDecoder.Layer(
            attentionNorm: attentionNorm, qkv: attention.qkv, queryNorm: attention.queryNorm,
            keyNorm: attention.keyNorm, output: attention.output, mlpNorm: mlpNorm, gateUp: mlp.gateUp,
            down: mlp.down)
    }
}

/// Grouped-query attention with rotary positions; each query and key head is normed before it is turned.
///
/// Query, key and value projections are one leaf.
private struct Qwen3Attention {
    let qkv: Tensor
    let queryNorm, keyNorm: Tensor
    let output: Tensor
    private let heads, kvHeads: Int
    private let rope: RotaryPositions
    private let epsilon: Double

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let hidden = configuration.hidden
        let width = configuration.heads * configuration.headWidth
        let kvWidth = configuration.kvHeads * configuration.headWidth
        qkv = try source.stacked([
            ("q_proj.weight", [width, hidden]), ("k_proj.weight", [kvWidth, hidden]),
            ("v_proj.weight", [kvWidth, hidden]),
        ])
        queryNorm = try source["q_norm"]("weight", [configuration.headWidth])
        keyNorm = try source["k_norm"]("weight", [configuration.headWidth])
        output = try source["o_proj"]("weight", [hidden, width])
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = configuration.rope.positions(width: configuration.headWidth)
        epsilon = configuration.rmsEpsilon
    }

    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        try x.linear(qkv)
            .headNorm(query: queryNorm, key: keyNorm, heads: heads, kvHeads: kvHeads, epsilon: epsilon)
            .packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope)
            .linear(output)
    }
}
