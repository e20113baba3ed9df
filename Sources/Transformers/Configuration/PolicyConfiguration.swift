package import Foundation
import StrictJSON
package import Torch

/// The family and the sizes of a decoder, as a Hugging Face `config.json` says them.
package struct PolicyConfiguration: Sendable, Hashable {
    package var family: PolicyFamily
    package var vocabularySize: Int
    package var hidden: Int
    package var layers: Int
    package var heads: Int
    package var kvHeads: Int
    /// Elements of one head.
    package var headWidth: Int
    package var ffn: Int
    /// Tokens of a prompt and its response, at most.
    package var maximumPositions: Int
    package var rmsEpsilon: Double
    package var rope: RopeSettings
    /// Whether the output head is the embedding.
    package var tiedEmbeddings: Bool
    /// Each of them ends a response; empty for a model that names none.
    package var endTokens: Set<Int32>
    package var padToken: Int32?
    /// Carried from file to file; Ponder adds no token to a prompt.
    package var beginToken: Int32?

    /// - Parameter headWidth: hidden / heads when nil.
    package init(
        family: PolicyFamily = .qwen2, vocabularySize: Int, hidden: Int, layers: Int, heads: Int,
        kvHeads: Int,
        headWidth: Int? = nil, ffn: Int, maximumPositions: Int = 1024, rmsEpsilon: Double = 1e-6,
        rope: RopeSettings = RopeSettings(), tiedEmbeddings: Bool = true, endTokens: Set<Int32> = [1],
        padToken: Int32? = 0, beginToken: Int32? = nil
    ) {
        self.family = family
        self.vocabularySize = vocabularySize
        self.hidden = hidden
        self.layers = layers
        self.heads = heads
        self.kvHeads = kvHeads
        self.headWidth = headWidth ?? hidden / heads
        self.ffn = ffn
        self.maximumPositions = maximumPositions
        self.rmsEpsilon = rmsEpsilon
        self.rope = rope
        self.tiedEmbeddings = tiedEmbeddings
        self.endTokens = endTokens
        self.padToken = padToken
        self.beginToken = beginToken
    }

    /// The `config.json` that transformers (4 and 5) and vLLM open.
    ///
    /// - Parameter dtype: the type that the weights beside it are stored in.
    package func json(dtype: DType = .float32) throws -> Data {
        func token(_ id: Int32?) -> JSONValue { id.map { .integer(Int($0)) } ?? .null }
        var file: [String: JSONValue] = [
            "architectures": .array([.string(family.architecture)]), "model_type": .string(family.rawValue),
            "hidden_act": .string("silu"), "vocab_size": .integer(vocabularySize),
            "hidden_size": .integer(hidden),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(kvHeads), "intermediate_size": .integer(ffn),
            "max_position_embeddings": .integer(maximumPositions), "rms_norm_eps": .double(rmsEpsilon),
            "rope_theta": .double(rope.theta), "tie_word_embeddings": .bool(tiedEmbeddings),
            "bos_token_id": token(beginToken), "pad_token_id": token(padToken),
            "eos_token_id": endTokens.count > 1
                ? .array(endTokens.sorted().map { .integer(Int($0)) }) : token(endTokens.first),
            "torch_dtype": .string(dtype.torchName),
        ]
        // What vLLM and transformers take as read where it can be.
        if family != .qwen2 || headWidth * heads != hidden { file["head_dim"] = .integer(headWidth) }
        if family != .llama { file["use_sliding_window"] = .bool(false) }
        if family != .qwen2 { file["attention_bias"] = .bool(false) }
        if family == .llama { file["mlp_bias"] = .bool(false) }
        if let scaling = rope.llama3 {
            file["rope_scaling"] = [
                "rope_type": .string("llama3"), "factor": .double(scaling.factor),
                "low_freq_factor": .double(scaling.lowFrequencyFactor),
                "high_freq_factor": .double(scaling.highFrequencyFactor),
                "original_max_position_embeddings": .integer(scaling.originalPositions),
            ]
        }
        let members = file.map { JSONValue.Member(key: $0.key, value: $0.value) }
        return Data(JSONValue.object(members).bytes(.indented) + [UInt8(ascii: "\n")])
    }
}

extension DType {
    /// As `torch_dtype` names it.
    fileprivate var torchName: String {
        switch self {
        case .float32: "float32"
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .float64: "float64"
        case .int64: "int64"
        }
    }
}
