extension TokenizerFile.AddedToken: Decodable {
    init(from decoder: any Decoder) throws {
        let object = try StrictObject(
            decoder, keys: ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
        id = try object.required(Int32.self, "id")
        content = try object.required(String.self, "content")
        isSpecial = try object.required(Bool.self, "special")
        isNormalised = try object.required(Bool.self, "normalized")
        isSingleWord = try object.required(Bool.self, "single_word")
        stripsLeft = try object.required(Bool.self, "lstrip")
        stripsRight = try object.required(Bool.self, "rstrip")
    }
}

extension TokenizerFile.Model: Decodable {
    init(from decoder: any Decoder) throws {
        _ = try StrictObject.type(of: decoder, among: ["BPE"])
        let object = try StrictObject(
            decoder,
            keys: [
                "type", "vocab", "merges", "dropout", "unk_token", "continuing_subword_prefix",
                "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges",
            ])
        let remedy = "Ponder reads byte-level BPE without it"
        try object.mustBe([0.0], "dropout", remedy: remedy)
        try object.mustBe([""], "continuing_subword_prefix", remedy: remedy)
        try object.mustBe([""], "end_of_word_suffix", remedy: remedy)
        try object.mustBe([false], "byte_fallback", remedy: remedy)
        unknownToken = try object.optional(String.self, "unk_token")
        fusesUnknown = try object.optional(Bool.self, "fuse_unk") ?? false
        ignoresMerges = try object.optional(Bool.self, "ignore_merges") ?? false
        vocabulary = try object.required([String: Int32].self, "vocab")
        merges = try Self.merges(object)
    }

    /// Both spellings in use: `["a", "b"]` and `"a b"`.
    private static func merges(_ object: StrictObject) throws -> [(left: String, right: String)] {
        let pairs: [[String]]
        if let lists = try? object.required([[String]].self, "merges") {
            pairs = lists
        } else if let texts = try? object.required([String].self, "merges") {
            pairs = texts.map { $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init) }
        } else {
            throw TokenizerError.malformed(
                place: object.place("merges"),
                reason: #"must be a list of pairs, all ["a", "b"] or all "a b""#)
        }
        return try pairs.enumerated().map { index, pair in
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw TokenizerError.malformed(
                    place: "\(object.place("merges")).\(index)", reason: "must be two tokens, not \(pair)")
            }
            return (pair[0], pair[1])
        }
    }
}
