package import Foundation
import StrictJSON
package import Transformers

extension PolicyConfiguration {
    /// Reads a `config.json`; a feature that Ponder does not implement is an error that names it, and is
    /// never approximated.
    ///
    /// Every key is of one of three kinds: it is read below, it must have the one implemented value, or it is
    /// on the list of keys that change nothing (`harmless`). Any other key is refused, because it may change
    /// what the model computes.
    ///
    /// - Parameter generation: the `generation_config.json` beside it; its end tokens take precedence, as in
    ///   transformers.
    package init(json: Data, generation: (json: Data, path: String)? = nil, path: String) throws(ModelError) {
        do throws(JSONError) {
            var file = try ObjectReader(file: json)
            try self.init(&file)
        } catch {
            throw ModelError(path: path, error)
        }
        guard let generation else { return }
        do throws(JSONError) { try readGeneration(generation.json) } catch {
            throw ModelError(path: generation.path, error)
        }
    }

    private init(_ file: inout ObjectReader) throws(JSONError) {
        let family = try Self.family(&file)
        try Self.requireWhatIsImplemented(&file, family)

        func size(_ key: String, atMost most: Int = 1 << 24) throws(JSONError) -> Int {
            guard let value = try file.optional(key)?.integer(in: 1...most) else {
                throw file.unusable(key, "is missing")
            }
            return value
        }
        let vocabulary = try size("vocab_size")
        let hidden = try size("hidden_size")
        let layers = try size("num_hidden_layers", atMost: 4096)
        try Self.requireNoWindow(&file, family, layers: layers)
        let heads = try size("num_attention_heads", atMost: 1 << 16)
        // transformers has a default for Qwen models without this key, but the default fits none of them.
        if family != .llama, !file.has("num_key_value_heads") {
            throw file.unusable("num_key_value_heads", "is missing")
        }
        let kvHeads = try file.optional("num_key_value_heads")?.integer(in: 1...heads) ?? heads
        let usualWidth = family == .qwen3 ? 128 : hidden / heads
        let width = try file.optional("head_dim")?.integer(in: 2...4096)
        if width == nil, family != .qwen3, hidden % heads != 0 {
            throw file.unusable("hidden_size", "\(hidden) is no multiple of num_attention_heads \(heads)")
        }
        let headWidth = width ?? usualWidth
        guard headWidth % 2 == 0 else { throw file.unusable("head_dim", "\(headWidth) is odd") }
        guard heads % kvHeads == 0 else {
            throw file.unusable(
                "num_attention_heads", "\(heads) is no multiple of num_key_value_heads \(kvHeads)")
        }
        if let types = try file.optional("layer_types")?.strings() {
            if let other = types.first(where: { $0 != "full_attention" }) {
                throw file.unusable("layer_types", "\(other) is not implemented; only full_attention is")
            }
            guard types.count == layers else {
                throw file.unusable(
                    "layer_types", "has \(types.count) members, num_hidden_layers is \(layers)")
            }
        }
        func token(_ key: String) throws(JSONError) -> Int32? {
            // Some files write −1 for "none".
            let id = try file.optional(key)?.integer(in: -1...vocabulary - 1)
            return id.flatMap { $0 < 0 ? nil : Int32($0) }
        }
        // The default of transformers for a Llama without these keys; null means none.
        let llama = family == .llama
        let begin = llama && !file.has("bos_token_id") ? 1 : try token("bos_token_id")
        let ends = llama && !file.has("eos_token_id") ? [2] : try file.optional("eos_token_id")?.integers()
        self.init(
            family: family, vocabularySize: vocabulary, hidden: hidden, layers: layers, heads: heads,
            kvHeads: kvHeads, headWidth: headWidth, ffn: try size("intermediate_size"),
            maximumPositions: try file.optional("max_position_embeddings")?.integer(in: 2...(1 << 30))
                ?? (llama ? 2048 : 32768),
            rmsEpsilon: try file.optional("rms_norm_eps")?.number(above: 0) ?? 1e-6,
            rope: try Self.rope(&file),
            tiedEmbeddings: try file.optional("tie_word_embeddings")?.bool() ?? false, endTokens: [],
            padToken: try token("pad_token_id"), beginToken: begin)
        try file.finishKnown()
        endTokens = try Self.tokens(ends ?? [], in: vocabulary, file)
    }

    /// Reads only the tokens that end and pad a response; commands and runs decide how to sample.
    private mutating func readGeneration(_ json: Data) throws(JSONError) {
        var file = try ObjectReader(file: json)
        if let ends = try file.optional("eos_token_id")?.integers() {
            endTokens = try Self.tokens(ends, in: vocabularySize, file)
        }
        if let pad = try file.optional("pad_token_id")?.integer(in: -1...vocabularySize - 1), pad >= 0 {
            padToken = Int32(pad)
        }
    }

    private static func tokens(_ ids: [Int], in vocabulary: Int, _ file: ObjectReader) throws(JSONError)
        -> Set<Int32>
    {
        if let stranger = ids.first(where: { !(0..<vocabulary).contains($0) }) {
            throw file.unusable(
                "eos_token_id", "\(stranger) is not in the vocabulary of \(vocabulary) tokens; correct it")
        }
        return Set(ids.map(Int32.init))
    }

    private static func family(_ file: inout ObjectReader) throws(JSONError) -> PolicyFamily {
        let known = PolicyFamily.allCases
        guard let type = try file.optional("model_type")?.string() else {
            throw file.unusable("model_type", "is missing")
        }
        guard let family = PolicyFamily(rawValue: type) else {
            throw file.unusable(
                "model_type",
                "\(type) is not implemented; Ponder reads \(known.map(\.rawValue).joined(separator: ", "))")
        }
        if let others = try file.optional("architectures")?.strings(), others != [family.architecture] {
            throw file.unusable(
                "architectures",
                "\(others.joined(separator: ", ")) is not implemented; of model_type \(type) only \(family.architecture) is"
            )
        }
        return family
    }

    private static func requireWhatIsImplemented(
        _ file: inout ObjectReader, _ family: PolicyFamily
    ) throws(JSONError) {
        try file.require("hidden_act", "silu", "swish")  // two names of one function
        try file.require("quantization_config")
        try file.require("attention_bias", .bool(false))
        try file.require("mlp_bias", .bool(false))
        try file.require("use_mrope", .bool(false))
        try file.require("rope_interleaved", .bool(false))
        try file.require("partial_rotary_factor", .integer(1))
        try file.require("is_encoder_decoder", .bool(false))
        try file.require("add_cross_attention", .bool(false))
        try file.require("pruned_heads", .object([]))
        file.ignore(harmless)
    }

    /// Refuses a sliding window, unless it is turned off or begins only behind the last layer.
    private static func requireNoWindow(
        _ file: inout ObjectReader, _ family: PolicyFamily, layers: Int
    ) throws(JSONError) {
        if family != .llama {
            let first = try file.optional("max_window_layers")?.integer() ?? 0
            file.ignore(first >= layers ? ["sliding_window", "use_sliding_window"] : ["sliding_window"])
        }
        try file.require("use_sliding_window", .bool(false))
    }

    /// `rope_theta` with `rope_scaling` (transformers 4) or `rope_parameters` (transformers 5).
    private static func rope(_ file: inout ObjectReader) throws(JSONError) -> RopeSettings {
        let theta = try file.optional("rope_theta")?.number(above: 1)
        var settings: RopeSettings?
        for key in ["rope_parameters", "rope_scaling"] {
            guard let field = file.optional(key) else { continue }
            var rope = try ObjectReader(field)
            let found = try self.rope(&rope, theta)
            guard settings == nil || settings == found else {
                throw file.unusable(key, "says something else than rope_parameters; remove one of them")
            }
            settings = found
        }
        return settings ?? RopeSettings(theta: theta ?? 10_000)
    }

    private static func rope(_ rope: inout ObjectReader, _ outer: Double?) throws(JSONError)
        -> RopeSettings
    {
        let inner = try rope.optional("rope_theta")?.number(above: 1)
        if let inner, let outer, inner != outer {
            throw rope.unusable("rope_theta", "is \(inner), outside it is \(outer); remove one of them")
        }
        var settings = RopeSettings(theta: inner ?? outer ?? 10_000)
        try rope.require("partial_rotary_factor", .integer(1))
        let (new, old) = (try rope.optional("rope_type")?.string(), try rope.optional("type")?.string())
        if let new, let old, new != old {
            throw rope.unusable("type", "is \(old), rope_type is \(new); remove one of them")
        }
        let type = new ?? old ?? "default"
        var isPlain = type == "default"
        // Positions divided by 1 are the same positions.
        if type == "linear" { isPlain = try rope.optional("factor")?.double() == 1 }
        switch type {
        case _ where isPlain: rope.ignore(["factor", "original_max_position_embeddings"])
        case "llama3":
            func number(_ key: String) throws(JSONError) -> Double {
                guard let value = try rope.optional(key)?.number(above: 0) else {
                    throw rope.unusable(key, "is missing")
                }
                return value
            }
            let original = "original_max_position_embeddings"
            guard let positions = try rope.optional(original)?.integer(in: 1...(1 << 30)) else {
                throw rope.unusable(original, "is missing")
            }
            let scaling = Llama3Scaling(
                factor: try number("factor"), lowFrequencyFactor: try number("low_freq_factor"),
                highFrequencyFactor: try number("high_freq_factor"), originalPositions: positions)
            guard scaling.highFrequencyFactor > scaling.lowFrequencyFactor else {
                throw rope.unusable(
                    "high_freq_factor",
                    "\(scaling.highFrequencyFactor) is not above low_freq_factor \(scaling.lowFrequencyFactor)"
                )
            }
            settings.llama3 = scaling
        case let other:
            throw rope.unusable("rope_type", "\(other) is not implemented; only default and llama3 are")
        }
        try rope.finishKnown()
        return settings
    }

    /// Keys that change nothing that Ponder computes: names, versions, storage types, initial values,
    /// dropout (which acts only while transformers trains), ways to compute the same faster, and generation
    /// defaults of transformers.
    private static let harmless: Set<String> = [
        "attention_dropout", "attn_dropout", "attn_implementation", "attn_pdrop", "base_model_pp_plan",
        "base_model_tp_plan", "classifier_dropout", "dropout", "embd_pdrop", "embedding_dropout",
        "hidden_dropout", "hidden_dropout_prob", "initializer_factor", "keys_to_ignore_at_inference",
        "low_cpu_mem_usage", "mlp_dropout", "model_max_length", "neftune_noise_alpha", "num_logits_to_keep",
        "output_past", "padding_side", "resid_dropout", "resid_pdrop", "residual_dropout", "seed",
        "tokenizer_model_max_length", "tokenizer_padding_side", "use_flash_attention",
        "use_flash_attention_2", "use_flash_attn", "_flash_attn_2_enabled", "_attn_implementation",
        "_attn_implementation_autoset", "_commit_hash", "_model_name_or_path",
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

extension ModelError {
    /// A model file that does not hold the required JSON.
    init(path: String, _ error: JSONError) {
        self.init(
            path: path,
            error.code == .syntax ? "\(error.ofObject); copy the model folder again" : error.ofObject)
    }
}

extension ObjectReader {
    /// The object in a model file.
    init(file: Data) throws(JSONError) { try self.init(JSONField(parsing: file)) }

    /// Refuses every value but these; a missing key is accepted.
    ///
    /// Equal numbers count as one value, however they are written.
    fileprivate mutating func require(_ key: String, _ values: JSONValue...) throws(JSONError) {
        guard let field = optional(key) else { return }
        let number = try? field.double()
        let isOne = values.contains {
            $0 == field.value || number != nil && (try? JSONField($0).double()) == number
        }
        guard isOne else {
            let only = values.first.map { "; only \($0.summary) is" } ?? ""
            throw field.unusable("\(field.value.summary) is not implemented\(only)")
        }
    }

    /// Refuses a member that was not read, unless it is null, because it may change the arithmetic.
    fileprivate func finishKnown() throws(JSONError) {
        guard let field = firstUnread(allowingNull: true) else { return }
        throw field.unusable(
            "is not a key that Ponder knows (its value is \(field.value.summary)), and it may change what the model computes; "
                + "if it does not, remove it from the file")
    }
}

extension JSONField {
    /// A number above `bound` that is finite in float32, the type in which models compute.
    fileprivate func number(above bound: Double) throws(JSONError) -> Double {
        let number = try double()
        guard Float(number).isFinite, number > bound else {
            throw error(.outOfRange, wanted: "a number above \(bound)")
        }
        return number
    }

    fileprivate func strings() throws(JSONError) -> [String] {
        try elements().map { (element) throws(JSONError) in try element.string() }
    }

    /// A token id or a list of them.
    fileprivate func integers() throws(JSONError) -> [Int] {
        if case .integer(let number) = value { return [number] }
        return try elements().map { (element) throws(JSONError) in try element.integer() }
    }
}
