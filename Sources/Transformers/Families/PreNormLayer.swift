package import Torch

/// One block of a decoder: the attention, then the feed-forward, each applied to the RMS norm of its input
/// and added to that input.
///
/// All families share it; each family's attention has its own file beside this one.
package struct PreNormLayer<Attention: SelfAttention>: PolicyLayer {
    private let attentionNorm: Tensor
    private let attention: Attention
    private let mlpNorm: Tensor
    private let mlp: GatedMLP
    private let epsilon: Double

    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        attentionNorm = try source["input_layernorm"]("weight", [configuration.hidden])
        attention = try Attention(configuration, source["self_attn"])
        mlpNorm = try source["post_attention_layernorm"]("weight", [configuration.hidden])
        mlp = try GatedMLP(configuration, source["mlp"])
        epsilon = configuration.rmsEpsilon
    }

    package func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor {
        let h = try x + attention(x.rmsNorm(attentionNorm, epsilon: epsilon), layout)
        return try h + mlp(h.rmsNorm(mlpNorm, epsilon: epsilon))
    }

    package var decoding: DecoderLayer {
        DecoderLayer(
            attentionNorm: attentionNorm, qkv: attention.qkv, queryNorm: attention.queryNorm,
            keyNorm: attention.keyNorm, output: attention.output, mlpNorm: mlpNorm, gateUp: mlp.gateUp,
            down: mlp.down)
    }
}

/// The attention of a family.
package protocol SelfAttention {
    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws

    /// The query, key and value projections stacked: [hidden] → [(heads + 2·kvHeads)·headWidth].
    var qkv: Projection { get }
    /// Weights of the norms of each query head and key head, [headWidth]; nil for families without these
    /// norms.
    var queryNorm: Tensor? { get }
    var keyNorm: Tensor? { get }
    /// [heads·headWidth] → [hidden]
    var output: Projection { get }

    /// [tokens, hidden] → [tokens, hidden], with a gradient.
    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor
}

extension SelfAttention {
    package var queryNorm: Tensor? { nil }
    package var keyNorm: Tensor? { nil }
}

extension ParameterSource {
    /// Makes the stacked query, key and value projections of an attention.
    func qkv(_ configuration: PolicyConfiguration, bias: Bool = false) throws -> Projection {
        let queries = configuration.heads * configuration.headWidth
        let keys = configuration.kvHeads * configuration.headWidth
        return try projection(
            [("q_proj", queries), ("k_proj", keys), ("v_proj", keys)], inputs: configuration.hidden,
            bias: bias)
    }

    /// Makes the output projection of an attention.
    func attentionOutput(_ configuration: PolicyConfiguration) throws -> Projection {
        try projection(
            [("o_proj", configuration.hidden)], inputs: configuration.heads * configuration.headWidth)
    }
}
