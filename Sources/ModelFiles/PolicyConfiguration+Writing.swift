package import Foundation
import StrictJSON
package import Torch
package import Transformers

extension PolicyConfiguration {
    /// The contents of a `config.json` that transformers (4 and 5) and vLLM can read.
    ///
    /// - Parameter dtype: the type in which the weights beside it are stored.
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
    /// The name in `torch_dtype`.
    var torchName: String {
        switch self {
        case .float32: "float32"
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .float64: "float64"
        case .int64: "int64"
        }
    }
}
