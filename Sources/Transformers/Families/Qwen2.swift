package import Torch

/// One block of the Qwen2 architecture (arXiv 2407.10671), in reading order: attention and feed-forward, each behind a norm and beside
/// a residual.
package struct Qwen2Layer: PolicyLayer {
    private let attentionNorm: Tensor
    private let attention: Qwen2Attention
    private let mlpNorm: Tensor
    private let mlp: GatedMLP
    private let epsilon: Double

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        attentionNorm = try source["input_layernorm"]("weight", [configuration.hidden])
        attention = try Qwen2Attention(configuration, source["self_attn"])
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
            attentionNorm: attentionNorm, qkv: attention.qkv, qkvBias: attention.qkvBias,
            output: attention.output, mlpNorm: mlpNorm, gateUp: mlp.gateUp, down: mlp.down)
    }
}

/// Grouped-query attention with rotary positions; query, key and value projections, with biases, are one leaf.
private struct Qwen2Attention {
    let qkv: Tensor
    let qkvBias: Tensor
    let output: Tensor
    private let heads, kvHeads: Int
    private let rope: RotaryPositions

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let hidden = configuration.hidden
        let width = configuration.heads * configuration.headWidth
        let kvWidth = configuration.kvHeads * configuration.headWidth
        qkv = try source.stacked([
            ("q_proj.weight", [width, hidden]), ("k_proj.weight", [kvWidth, hidden]),
            ("v_proj.weight", [kvWidth, hidden]),
        ])
        qkvBias = try source.stacked([
            ("q_proj.bias", [width]), ("k_proj.bias", [kvWidth]), ("v_proj.bias", [kvWidth]),
        ])
        output = try source["o_proj"]("weight", [hidden, width])
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = configuration.rope.positions(width: configuration.headWidth)
    }

    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        try x.linear(qkv, bias: qkvBias)
            .packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope)
            .linear(output)
    }
}
