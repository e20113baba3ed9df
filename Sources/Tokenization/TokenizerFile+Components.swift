extension TokenizerFile.AddedToken: Decodable {
    init(from decoder: any Decoder) throws {
        let object = try StrictObject(
            decoder, keys: ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
        id = try object.required(Int32.self, "id")
        content = try object.required(String.self, "content")
        isSpecial = try object.optional(Bool.self, "special") ?? false
        isNormalised = try object.optional(Bool.self, "normalized") ?? false
        for flag in ["single_word", "lstrip", "rstrip"] where try object.optional(Bool.self, flag) == true {
            throw TokenizerError.unsupported(
                place: object.place(flag), value: "true",
                remedy: "set it to false if the model was trained without it")
        }
    }
}

extension TokenizerFile.Model: Decodable {
    init(from decoder: any Decoder) throws {
        let object = try StrictObject(
            decoder,
            keys: [
                "type", "vocab", "merges", "dropout", "unk_token", "continuing_subword_prefix",
                "end_of_word_suffix",
                "fuse_unk", "byte_fallback", "ignore_merges",
            ])
        try object.mustBe(["BPE"], "type")
        let remedy = "Ponder reads byte-level BPE without it"
        try object.mustBeNull("dropout", remedy: remedy)
        try object.mustBeNull("unk_token", remedy: remedy)
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            let value = try object.optional(String.self, key) ?? ""
            guard value.isEmpty else {
                throw TokenizerError.unsupported(
                    place: object.place(key), value: "'\(value)'", remedy: remedy)
            }
        }
        for key in ["fuse_unk", "byte_fallback", "ignore_merges"]
        where try object.optional(Bool.self, key) == true {
            throw TokenizerError.unsupported(place: object.place(key), value: "true", remedy: remedy)
        }
        vocabulary = try object.required([String: Int32].self, "vocab")
        merges = try object.optional([TokenizerFile.Pair].self, "merges") ?? []
    }
}

extension TokenizerFile.Pair: Decodable {
    /// Both spellings in use: `"a b"` and `["a", "b"]`.
    init(from decoder: any Decoder) throws {
        let parts: [String]
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        } else {
            parts = try decoder.singleValueContainer().decode([String].self)
        }
        guard parts.count == 2, let left = parts.first, let right = parts.last, !left.isEmpty, !right.isEmpty
        else {
            throw TokenizerError.malformed(
                place: StrictObject.place(decoder), reason: "must be two tokens, not \(parts.count): \(parts)"
            )
        }
        self.left = left
        self.right = right
    }
}

/// The only normaliser there is: NFC.
struct Normalizer: Decodable {
    init(from decoder: any Decoder) throws {
        try StrictObject(decoder, keys: ["type"]).mustBe(["NFC"], "type")
    }
}

/// A `ByteLevel` component in any of its three places.
struct ByteLevel: Decodable {
    let usesExpression: Bool

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(
            decoder, keys: ["type", "add_prefix_space", "trim_offsets", "use_regex"])
        try object.mustBe(["ByteLevel"], "type")
        usesExpression = try object.optional(Bool.self, "use_regex") ?? true
    }
}

/// `ByteLevel`, or a template that adds no token, as `transformers` writes it.
struct PostProcessor: Decodable {
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(decoder, keys: nil)
        try object.mustBe(["ByteLevel", "TemplateProcessing"], "type")
        guard try object.required(String.self, "type") == "TemplateProcessing" else {
            _ = try ByteLevel(from: decoder)
            return
        }
        let added = try object.required([String: Anything].self, "special_tokens")
        guard added.isEmpty else {
            throw TokenizerError.unsupported(
                place: object.place("special_tokens"), value: "\(added.keys.sorted())",
                remedy: "Ponder adds no token that the text does not say; remove the template")
        }
    }
}

/// `ByteLevel` alone, or a sequence that ends with it and cuts by a known expression before.
struct PreTokenizer: Decodable {
    let pattern: SplitPattern
    let isByteLevel: Bool

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(decoder, keys: nil)
        try object.mustBe(["Sequence", "ByteLevel", "Split"], "type")
        switch try object.required(String.self, "type") {
        case "Sequence":
            let parts = try object.required([PreTokenizer].self, "pretokenizers")
            guard parts.count <= 2, parts.dropLast().allSatisfy({ !$0.isByteLevel }) else {
                throw TokenizerError.unsupported(
                    place: object.place("pretokenizers"), value: "\(parts.count) parts",
                    remedy: "only [Split, ByteLevel] and [ByteLevel] can be read")
            }
            let patterns = parts.map(\.pattern).filter { $0 != .none }
            guard patterns.count <= 1 else {
                throw TokenizerError.unsupported(
                    place: object.place("pretokenizers"), value: "cutting twice",
                    remedy: "set use_regex of ByteLevel to false")
            }
            pattern = patterns.first ?? .none
            isByteLevel = parts.last?.isByteLevel ?? false
        case "ByteLevel":
            if try object.optional(Bool.self, "add_prefix_space") ?? true {
                throw TokenizerError.unsupported(
                    place: object.place("add_prefix_space"), value: "true", remedy: "set it to false")
            }
            pattern = try ByteLevel(from: decoder).usesExpression ? .gpt2 : .none
            isByteLevel = true
        default:
            pattern = try SplitComponent(from: decoder).pattern
            isByteLevel = false
        }
    }
}

private struct SplitComponent: Decodable {
    let pattern: SplitPattern

    init(from decoder: any Decoder) throws {
        let object = try StrictObject(decoder, keys: ["type", "pattern", "behavior", "invert"])
        try object.mustBe(["Isolated"], "behavior")
        if try object.optional(Bool.self, "invert") == true {
            throw TokenizerError.unsupported(
                place: object.place("invert"), value: "true", remedy: "set it to false")
        }
        let expression = try object.required([String: String].self, "pattern")
        switch expression {
        case ["Regex": SplitPattern.qwen2Expression]: pattern = .qwen2
        case ["Regex": SplitPattern.gpt2Expression]: pattern = .gpt2
        default:
            throw TokenizerError.unsupported(
                place: object.place("pattern"), value: "\(expression)",
                remedy: "only the expressions of Qwen2 and GPT-2 can be read")
        }
    }
}
