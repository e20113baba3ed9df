package import Foundation
package import Transformers

extension PolicyConfiguration {
    /// Reads a `config.json`; what Ponder does not implement is refused by name, never approximated.
    ///
    /// Every key is one of three kinds: read below; required to have the one value that is implemented; or on the list of
    /// those that change nothing (`harmless`). Any other is refused, because it may change what the model computes.
    ///
    /// - Parameter generation: the `generation_config.json` beside it; its end tokens win, as they do in transformers.
    package init(json: Data, generation: (json: Data, path: String)? = nil, path: String) throws(ModelError) {
        var file = try ConfigurationFile(json: json, path: path)
        let family = try Self.family(&file)
        try Self.requireWhatIsImplemented(&file, family)

        func size(_ key: String, atMost most: Int = 1 << 24) throws(ModelError) -> Int {
            guard let value = try file.integer(key, in: 1...most) else {
                throw file.refusal(key, "is missing")
            }
            return value
        }
        let vocabulary = try size("vocab_size")
        let hidden = try size("hidden_size")
        let layers = try size("num_hidden_layers", atMost: 4096)
        let heads = try size("num_attention_heads", atMost: 1 << 16)
        // transformers has a number of its own for Qwens that say nothing, which would fit none of them.
        if family != .llama, !file.has("num_key_value_heads") {
            throw file.refusal("num_key_value_heads", "is missing")
        }
        let kvHeads = try file.integer("num_key_value_heads", in: 1...heads) ?? heads
        let usualWidth = family == .qwen3 ? 128 : hidden / heads
        let width = try file.integer("head_dim", in: 2...4096)
        if width == nil, family != .qwen3, hidden % heads != 0 {
            throw file.refusal("hidden_size", "\(hidden) is no multiple of num_attention_heads \(heads)")
        }
        let headWidth = width ?? usualWidth
        guard headWidth % 2 == 0 else { throw file.refusal("head_dim", "\(headWidth) is odd") }
        guard heads % kvHeads == 0 else {
            throw file.refusal(
                "num_attention_heads", "\(heads) is no multiple of num_key_value_heads \(kvHeads)")
        }
        if let types = try file.texts("layer_types") {
            if let other = types.first(where: { $0 != "full_attention" }) {
                throw file.refusal("layer_types", "\(other) is not implemented; only full_attention is")
            }
            guard types.count == layers else {
                throw file.refusal(
                    "layer_types", "has \(types.count) members, num_hidden_layers is \(layers)")
            }
        }
        func token(_ key: String) throws(ModelError) -> Int32? {
            // Some files say −1 for none.
            let id = try file.integer(key, in: -1...vocabulary - 1)
            return id.flatMap { $0 < 0 ? nil : Int32($0) }
        }
        // transformers' own default for a Llama that says nothing; null means none.
        let llama = family == .llama
        let begin = llama && !file.has("bos_token_id") ? 1 : try token("bos_token_id")
        let ends = llama && !file.has("eos_token_id") ? [2] : try file.integers("eos_token_id")
        self.init(
            family: family, vocabularySize: vocabulary, hidden: hidden, layers: layers, heads: heads,
            kvHeads: kvHeads, headWidth: headWidth, ffn: try size("intermediate_size"),
            maximumPositions: try file.integer("max_position_embeddings", in: 2...(1 << 30))
                ?? (llama ? 2048 : 32768),
            rmsEpsilon: try file.number("rms_norm_eps", above: 0) ?? 1e-6, rope: try Self.rope(&file),
            tiedEmbeddings: try file.flag("tie_word_embeddings") ?? false, endTokens: [],
            padToken: try token("pad_token_id"), beginToken: begin)
        try file.finish()
        endTokens = try Self.tokens(ends ?? [], in: vocabulary, file)
        if let generation { try readGeneration(generation.json, path: generation.path) }
    }

    /// Only what ends and fills a response is read: how to sample is said by commands and runs.
    private mutating func readGeneration(_ json: Data, path: String) throws(ModelError) {
        var file = try ConfigurationFile(json: json, path: path)
        if let ends = try file.integers("eos_token_id") {
            endTokens = try Self.tokens(ends, in: vocabularySize, file)
        }
        if let pad = try file.integer("pad_token_id", in: -1...vocabularySize - 1), pad >= 0 {
            padToken = Int32(pad)
        }
    }

    private static func tokens(_ ids: [Int], in vocabulary: Int, _ file: ConfigurationFile) throws(ModelError)
        -> Set<Int32>
    {
        if let stranger = ids.first(where: { !(0..<vocabulary).contains($0) }) {
            throw file.refusal(
                "eos_token_id", "\(stranger) is not in the vocabulary of \(vocabulary) tokens; correct it")
        }
        return Set(ids.map(Int32.init))
    }

    private static func family(_ file: inout ConfigurationFile) throws(ModelError) -> PolicyFamily {
        let known = PolicyFamily.allCases
        guard let type = try file.text("model_type") else { throw file.refusal("model_type", "is missing") }
        guard let family = PolicyFamily(rawValue: type) else {
            throw file.refusal(
                "model_type",
                "\(type) is not implemented; Ponder reads \(known.map(\.rawValue).joined(separator: ", "))")
        }
        if let others = try file.texts("architectures"), others != [family.architecture] {
            throw file.refusal(
                "architectures",
                "\(others.joined(separator: ", ")) is not implemented; of model_type \(type) only \(family.architecture) is"
            )
        }
        return family
    }

    private static func requireWhatIsImplemented(
        _ file: inout ConfigurationFile, _ family: PolicyFamily
    ) throws(ModelError) {
        try file.require("hidden_act", .text("silu"))
        try file.require("quantization_config")
        try file.require("attention_bias", .flag(false))
        try file.require("mlp_bias", .flag(false))
        try file.require("attention_dropout", .integer(0), .number(0))
        try file.require("use_sliding_window", .flag(false))
        try file.require("use_mrope", .flag(false))
        try file.require("rope_interleaved", .flag(false))
        try file.require("partial_rotary_factor", .integer(1), .number(1))
        try file.require("is_encoder_decoder", .flag(false))
        try file.require("add_cross_attention", .flag(false))
        try file.require("pruned_heads", .object([:]))
        // Windows that use_sliding_window turns off.
        if family != .llama { file.ignore(["sliding_window", "max_window_layers"]) }
        file.ignore(harmless)
    }

    /// `rope_theta` with `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5).
    private static func rope(_ file: inout ConfigurationFile) throws(ModelError) -> RopeSettings {
        let theta = try file.number("rope_theta", above: 1)
        var settings: RopeSettings?
        for key in ["rope_parameters", "rope_scaling"] {
            guard var rope = try file.object(key) else { continue }
            let found = try self.rope(&rope, theta)
            guard settings == nil || settings == found else {
                throw file.refusal(key, "says something else than rope_parameters; remove one of them")
            }
            settings = found
        }
        return settings ?? RopeSettings(theta: theta ?? 10_000)
    }

    private static func rope(_ rope: inout ConfigurationFile, _ outer: Double?) throws(ModelError)
        -> RopeSettings
    {
        let inner = try rope.number("rope_theta", above: 1)
        if let inner, let outer, inner != outer {
            throw rope.refusal("rope_theta", "is \(inner), outside it is \(outer); remove one of them")
        }
        var settings = RopeSettings(theta: inner ?? outer ?? 10_000)
        try rope.require("partial_rotary_factor", .integer(1), .number(1))
        let (new, old) = (try rope.text("rope_type"), try rope.text("type"))
        if let new, let old, new != old {
            throw rope.refusal("type", "is \(old), rope_type is \(new); remove one of them")
        }
        switch new ?? old ?? "default" {
        case "default": break
        case "llama3":
            func number(_ key: String) throws(ModelError) -> Double {
                guard let value = try rope.number(key, above: 0) else {
                    throw rope.refusal(key, "is missing")
                }
                return value
            }
            let original = "original_max_position_embeddings"
            guard let positions = try rope.integer(original, in: 1...(1 << 30)) else {
                throw rope.refusal(original, "is missing")
            }
            let scaling = Llama3Scaling(
                factor: try number("factor"), lowFrequencyFactor: try number("low_freq_factor"),
                highFrequencyFactor: try number("high_freq_factor"), originalPositions: positions)
            guard scaling.highFrequencyFactor > scaling.lowFrequencyFactor else {
                throw rope.refusal(
                    "high_freq_factor",
                    "\(scaling.highFrequencyFactor) is not above low_freq_factor \(scaling.lowFrequencyFactor)"
                )
            }
            settings.llama3 = scaling
        case let other:
            throw rope.refusal("rope_type", "\(other) is not implemented; only default and llama3 are")
        }
        try rope.finish()
        return settings
    }

    /// Keys that change nothing that Ponder computes: names, versions, types of storage, initial values, and defaults of
    /// transformers' own generation.
    private static let harmless: Set<String> = [
        "_attn_implementation", "_attn_implementation_autoset", "_commit_hash", "_model_name_or_path",
        "_name_or_path", "bad_words_ids", "begin_suppress_tokens", "chunk_size_feed_forward", "cls_token_id",
        "cross_attention_hidden_size", "decoder_start_token_id", "diversity_penalty", "do_sample", "dtype",
        "early_stopping", "encoder_no_repeat_ngram_size", "exponential_decay_length_penalty",
        "finetuning_task", "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing", "id2label",
        "initializer_range", "is_decoder", "is_llama_config", "label2id", "length_penalty", "mask_token_id",
        "max_length", "max_new_tokens", "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams",
        "num_labels", "num_return_sequences", "output_attentions", "output_hidden_states", "output_scores",
        "prefix", "pretraining_tp", "problem_type", "remove_invalid_values", "repetition_penalty",
        "return_dict", "return_dict_in_generate", "sep_token_id", "suppress_tokens", "task_specific_params",
        "temperature", "tf_legacy_loss", "tie_encoder_decoder", "tokenizer_class", "top_k", "top_p",
        "torch_dtype", "torchscript", "transformers.js_config", "transformers_version", "typical_p",
        "unk_token_id", "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache",
    ]
}
