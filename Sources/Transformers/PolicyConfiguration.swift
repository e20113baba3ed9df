package import Foundation

/// The sizes of a decoder, as a Hugging Face `config.json` of model type `qwen2` says them.
package struct PolicyConfiguration: Sendable, Hashable {
    package var vocabularySize: Int
    package var hidden: Int
    package var layers: Int
    package var heads: Int
    package var kvHeads: Int
    package var ffn: Int
    package var maximumPositions: Int
    package var rmsEpsilon: Double
    package var ropeTheta: Double
    /// Whether the output head is the embedding.
    package var tiedEmbeddings: Bool
    package var endToken: Int
    package var padToken: Int

    package var headWidth: Int { hidden / heads }
    /// Tokens that end a response.
    package var endTokens: Set<Int32> { [Int32(endToken)] }

    package init(
        vocabularySize: Int, hidden: Int, layers: Int, heads: Int, kvHeads: Int, ffn: Int,
        maximumPositions: Int = 1024, rmsEpsilon: Double = 1e-6, ropeTheta: Double = 10_000,
        tiedEmbeddings: Bool = true, endToken: Int = 1, padToken: Int = 0
    ) {
        self.vocabularySize = vocabularySize
        self.hidden = hidden
        self.layers = layers
        self.heads = heads
        self.kvHeads = kvHeads
        self.ffn = ffn
        self.maximumPositions = maximumPositions
        self.rmsEpsilon = rmsEpsilon
        self.ropeTheta = ropeTheta
        self.tiedEmbeddings = tiedEmbeddings
        self.endToken = endToken
        self.padToken = padToken
    }

    /// Reads a `config.json`; what Ponder does not implement is refused by name, never approximated.
    package init(json: Data, path: String) throws(ModelError) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: json)
        } catch {
            throw ModelError(path: path, "not a model configuration: \(Self.explain(error))")
        }
        func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(ModelError) {
            guard holds else { throw ModelError(path: path, message()) }
        }
        try require(
            file.model_type == "qwen2", "model_type \(file.model_type) is not implemented; Ponder reads qwen2"
        )
        try require(
            file.hidden_act ?? "silu" == "silu",
            "hidden_act \(file.hidden_act ?? "") is not implemented; only silu is")
        let rope = file.rope_parameters ?? file.rope_scaling
        let kind = rope?.rope_type ?? rope?.type ?? "default"
        try require(kind == "default", "rope type \(kind) is not implemented; only default is")
        try require(file.use_sliding_window != true, "use_sliding_window is not implemented")
        let types = Set(file.layer_types ?? []).subtracting(["full_attention"])
        try require(
            types.isEmpty, "layer_types \(types.sorted()) are not implemented; only full_attention is")
        let sizes = [
            "vocab_size": file.vocab_size, "hidden_size": file.hidden_size,
            "num_hidden_layers": file.num_hidden_layers,
            "num_attention_heads": file.num_attention_heads, "intermediate_size": file.intermediate_size,
        ]
        for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
            try require((1...1_000_000).contains(size), "\(name) is \(size)")
        }
        let kvHeads = file.num_key_value_heads ?? file.num_attention_heads
        try require(
            file.hidden_size % file.num_attention_heads == 0 && kvHeads > 0
                && file.num_attention_heads % kvHeads == 0
                && (file.hidden_size / file.num_attention_heads) % 2 == 0,
            "hidden_size \(file.hidden_size), num_attention_heads \(file.num_attention_heads) and num_key_value_heads "
                + "\(kvHeads) do not fit together")
        try require(
            file.head_dim == nil || file.head_dim == file.hidden_size / file.num_attention_heads,
            "head_dim \(file.head_dim ?? 0) is not hidden_size / num_attention_heads, which is not implemented"
        )
        self.init(
            vocabularySize: file.vocab_size, hidden: file.hidden_size, layers: file.num_hidden_layers,
            heads: file.num_attention_heads, kvHeads: kvHeads, ffn: file.intermediate_size,
            maximumPositions: file.max_position_embeddings ?? 1024, rmsEpsilon: file.rms_norm_eps ?? 1e-6,
            ropeTheta: rope?.rope_theta ?? file.rope_theta ?? 10_000,
            tiedEmbeddings: file.tie_word_embeddings ?? false,
            endToken: file.eos_token_id?.first ?? 1, padToken: file.pad_token_id ?? 0)
    }

    /// The `config.json` that transformers and vLLM open.
    package func json() throws -> Data {
        let file = File(
            architectures: ["Qwen2ForCausalLM"], model_type: "qwen2", hidden_act: "silu",
            vocab_size: vocabularySize,
            hidden_size: hidden, num_hidden_layers: layers, num_attention_heads: heads,
            num_key_value_heads: kvHeads,
            intermediate_size: ffn, max_position_embeddings: maximumPositions, rms_norm_eps: rmsEpsilon,
            rope_theta: ropeTheta, tie_word_embeddings: tiedEmbeddings, use_sliding_window: false,
            eos_token_id: .one(endToken), pad_token_id: padToken, torch_dtype: "float32")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(file) + Data("\n".utf8)
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "\(key.stringValue) is missing"
        case DecodingError.typeMismatch(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        case DecodingError.dataCorrupted(let context): context.debugDescription
        default: "\(error)"
        }
    }

    /// The keys of the file, spelt as Hugging Face spells them.
    private struct File: Codable {
        var architectures: [String]?
        var model_type: String
        var hidden_act: String?
        var vocab_size, hidden_size, num_hidden_layers, num_attention_heads: Int
        var num_key_value_heads: Int?
        var intermediate_size: Int
        var max_position_embeddings: Int?
        var rms_norm_eps, rope_theta: Double?
        var rope_parameters, rope_scaling: Rope?
        var tie_word_embeddings, use_sliding_window: Bool?
        var layer_types: [String]?
        var head_dim: Int?
        var eos_token_id: Ids?
        var pad_token_id: Int?
        var torch_dtype: String?
    }

    private struct Rope: Codable {
        var rope_type, type: String?
        var rope_theta: Double?
    }

    private enum Ids: Codable {
        case one(Int)
        case many([Int])

        var first: Int? {
            switch self {
            case .one(let id): id
            case .many(let ids): ids.first
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let id = try? container.decode(Int.self) {
                self = .one(id)
            } else {
                self = .many(try container.decode([Int].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let id): try container.encode(id)
            case .many(let ids): try container.encode(ids)
            }
        }
    }
}
