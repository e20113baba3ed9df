package import Torch

/// A decoder of the Qwen2 architecture (arXiv 2407.10671), in reading order.
///
/// Tokens of all rows lie end to end, [tokens, hidden]; `PackedLayout` says which belong together.
package final class Qwen2 {
    package let configuration: PolicyConfiguration
    package let parameters: [Parameter]
    package let embedding: Tensor
    package let layers: [Qwen2Layer]
    package let finalNorm: Tensor
    /// The embedding itself where embeddings are tied.
    package let head: Tensor

    /// Builds the decoder from a source of parameters.
    ///
    /// - Throws: `ModelError` naming a tensor that is missing or has another shape.
    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let table = [configuration.vocabularySize, configuration.hidden]
        let model = source["model"]
        self.configuration = configuration
        embedding = try model["embed_tokens"]("weight", table)
        layers = try (0..<configuration.layers).map {
            try Qwen2Layer(configuration, model["layers"]["\($0)"])
        }
        finalNorm = try model["norm"]("weight", [configuration.hidden])
        head = configuration.tiedEmbeddings ? embedding : try source["lm_head"]("weight", table)
        parameters = source.taken
    }

    /// Normalised hidden states after the last layer.
    ///
    /// - Parameter ids: [tokens], int64.
    /// - Returns: [tokens, hidden]
    package func hiddenStates(_ ids: Tensor, _ layout: PackedLayout) throws -> Tensor {
        var x = try embedding.rows(ids)
        for layer in layers { x = try layer(x, layout) }
        return try x.rmsNorm(finalNorm, epsilon: configuration.rmsEpsilon)
    }
}

/// One block: attention and feed-forward, each behind a norm and beside a residual.
package struct Qwen2Layer {
    package let attentionNorm: Tensor
    package let attention: Qwen2Attention
    package let mlpNorm: Tensor
    package let mlp: Qwen2MLP
    let epsilon: Double

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        attentionNorm = try source["input_layernorm"]("weight", [configuration.hidden])
        attention = try Qwen2Attention(configuration, source["self_attn"])
        mlpNorm = try source["post_attention_layernorm"]("weight", [configuration.hidden])
        mlp = try Qwen2MLP(configuration, source["mlp"])
        epsilon = configuration.rmsEpsilon
    }

    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        let h = try x + attention(x.rmsNorm(attentionNorm, epsilon: epsilon), layout)
        return try h + mlp(h.rmsNorm(mlpNorm, epsilon: epsilon))
    }
}

/// Grouped-query attention with rotary positions; query, key and value projections are one leaf.
package struct Qwen2Attention {
    package let qkv: Tensor
    package let qkvBias: Tensor
    package let output: Tensor
    let heads, kvHeads: Int
    let rope: RotaryPositions

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let hidden = configuration.hidden
        let kvWidth = configuration.kvHeads * configuration.headWidth
        qkv = try source.stacked([
            ("q_proj.weight", [hidden, hidden]), ("k_proj.weight", [kvWidth, hidden]),
            ("v_proj.weight", [kvWidth, hidden]),
        ])
        qkvBias = try source.stacked([
            ("q_proj.bias", [hidden]), ("k_proj.bias", [kvWidth]), ("v_proj.bias", [kvWidth]),
        ])
        output = try source["o_proj"]("weight", [hidden, hidden])
        heads = configuration.heads
        kvHeads = configuration.kvHeads
        rope = RotaryPositions(theta: configuration.ropeTheta, width: configuration.headWidth)
    }

    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        try x.linear(qkv, bias: qkvBias)
            .packedAttention(layout, heads: heads, kvHeads: kvHeads, rope: rope)
            .linear(output)
    }
}

/// The gated feed-forward; gate and up projections are one leaf.
package struct Qwen2MLP {
    package let gateUp: Tensor
    package let down: Tensor

    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let up = [configuration.ffn, configuration.hidden]
        gateUp = try source.stacked([("gate_proj.weight", up), ("up_proj.weight", up)])
        down = try source["down_proj"]("weight", [configuration.hidden, configuration.ffn])
    }

    func callAsFunction(_ x: Tensor) throws -> Tensor { try x.linear(gateUp).swiGLU().linear(down) }
}
