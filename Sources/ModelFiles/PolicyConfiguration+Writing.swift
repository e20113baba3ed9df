package import Foundation
package import Torch
package import Transformers

extension PolicyConfiguration {
    /// The `config.json` that transformers (4 and 5) and vLLM open.
    ///
    /// - Parameter dtype: the type that the weights beside it are stored in.
    package func json(dtype: DType = .float32) throws -> Data {
        func token(_ id: Int32?) -> ConfigurationValue { id.map { .integer(Int($0)) } ?? .null }
        var file: [String: ConfigurationValue] = [
            "architectures": .list([.text(family.architecture)]), "model_type": .text(family.rawValue),
            "hidden_act": .text("silu"), "vocab_size": .integer(vocabularySize),
            "hidden_size": .integer(hidden),
            "num_hidden_layers": .integer(layers), "num_attention_heads": .integer(heads),
            "num_key_value_heads": .integer(kvHeads), "intermediate_size": .integer(ffn),
            "max_position_embeddings": .integer(maximumPositions), "rms_norm_eps": .number(rmsEpsilon),
            "rope_theta": .number(rope.theta), "tie_word_embeddings": .flag(tiedEmbeddings),
            "bos_token_id": token(beginToken), "pad_token_id": token(padToken),
            "eos_token_id": endTokens.count > 1
                ? .list(endTokens.sorted().map { .integer(Int($0)) }) : token(endTokens.first),
            "torch_dtype": .text(dtype.torchName),
        ]
        // What vLLM and transformers take as read where it can be.
        if family != .qwen2 || headWidth * heads != hidden { file["head_dim"] = .integer(headWidth) }
        if family != .llama { file["use_sliding_window"] = .flag(false) }
        if family != .qwen2 { file["attention_bias"] = .flag(false) }
        if family == .llama { file["mlp_bias"] = .flag(false) }
        if let scaling = rope.llama3 {
            file["rope_scaling"] = .object([
                "rope_type": .text("llama3"), "factor": .number(scaling.factor),
                "low_freq_factor": .number(scaling.lowFrequencyFactor),
                "high_freq_factor": .number(scaling.highFrequencyFactor),
                "original_max_position_embeddings": .integer(scaling.originalPositions),
            ])
        }
        return Data((try ConfigurationValue.object(file).json() + "\n").utf8)
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
