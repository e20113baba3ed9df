package import Torch

/// A decoder of any family: the embedding, its layers, a norm and the output head.
///
/// `PreNormLayer` and `GatedMLP` are common to all families; the attention of each family is one file in
/// `Families`. The tokens of all rows lie end to end, [tokens, hidden]; `PackedLayout` says which belong
/// together.
package final class Policy {
    package let configuration: PolicyConfiguration
    package let parameters: [Parameter]
    /// Embedding, [vocabulary, hidden].
    package let embedding: Tensor
    package let layers: [any PolicyLayer]
    package let finalNorm: Tensor
    /// Output head, [vocabulary, hidden]; the embedding itself when embeddings are tied.
    package let head: Tensor

    /// Builds the decoder from a source of parameters.
    ///
    /// - Throws: `ModelError` naming a tensor that is missing or has another shape.
    package init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws {
        let table = [configuration.vocabularySize, configuration.hidden]
        let model = source["model"]
        let kind = configuration.family.layer
        self.configuration = configuration
        embedding = try model["embed_tokens"]("weight", table)
        layers = try (0..<configuration.layers).map { try kind.init(configuration, model["layers"]["\($0)"]) }
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

    /// Every tensor under its Hugging Face name, in the order of names, sharing memory with the leaves.
    package func namedTensors() throws -> [NamedTensor] {
        try parameters.flatMap { try $0.split($0.leaf.detached()) }.sorted { $0.name < $1.name }
    }
}

/// One block of a decoder.
package protocol PolicyLayer {
    init(_ configuration: PolicyConfiguration, _ source: ParameterSource) throws

    /// [tokens, hidden] → [tokens, hidden], with a gradient.
    func callAsFunction(_ x: Tensor, _ layout: PackedLayout) throws -> Tensor

    /// The same weights in the form for decoding token by token.
    var decoding: DecoderLayer { get }
}

extension PolicyFamily {
    fileprivate var layer: any PolicyLayer.Type {
        switch self {
        case .llama: PreNormLayer<LlamaAttention>.self
        case .qwen2: PreNormLayer<Qwen2Attention>.self
        case .qwen3: PreNormLayer<Qwen3Attention>.self
        }
    }
}
