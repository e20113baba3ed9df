import StrictJSON

extension TokenizerFile.AddedToken {
    init(_ field: JSONField) throws {
        self = try field.object { object in
            TokenizerFile.AddedToken(
                id: try object.required("id").int32(), content: try object.required("content").string(),
                isSpecial: try object.required("special").bool(),
                isNormalised: try object.required("normalized").bool(),
                isSingleWord: try object.required("single_word").bool(),
                stripsLeft: try object.required("lstrip").bool(),
                stripsRight: try object.required("rstrip").bool())
        }
    }
}

extension TokenizerFile.Model {
    init(_ field: JSONField) throws {
        self = try field.object { object in
            // Files from before tokenizers 0.9 do not name the type.
            if object.has("type") { _ = try object.type(among: ["BPE"]) }
            let remedy = "Ponder reads byte-level BPE without it"
            try object.mustBe([.integer(0), .double(0)], "dropout", remedy: remedy)
            try object.mustBe([""], "continuing_subword_prefix", remedy: remedy)
            try object.mustBe([""], "end_of_word_suffix", remedy: remedy)
            try object.mustBe([.bool(false)], "byte_fallback", remedy: remedy)
            return TokenizerFile.Model(
                vocabulary: try Self.vocabulary(object.required("vocab")),
                merges: try Self.merges(object.required("merges")),
                unknownToken: try object.optional("unk_token")?.string(),
                fusesUnknown: try object.optional("fuse_unk")?.bool() ?? false,
                ignoresMerges: try object.optional("ignore_merges")?.bool() ?? false)
        }
    }

    private static func vocabulary(_ field: JSONField) throws -> [String: Int32] {
        let members = try field.members()
        var ids = [String: Int32](minimumCapacity: members.count)
        for member in members {
            // A field is made only for its error, because a vocabulary has hundreds of thousands of tokens.
            guard case .integer(let number) = member.value, let id = Int32(exactly: number) else {
                ids[member.key] = try JSONField(member.value, path: "\(field.path).\(member.key)").int32()
                continue
            }
            ids[member.key] = id
        }
        return ids
    }

    /// Reads both spellings in use: `["a", "b"]` and `"a b"`.
    private static func merges(_ field: JSONField) throws -> [(left: String, right: String)] {
        guard case .array(let entries) = field.value else {
            throw field.error(.wrongType, wanted: "a list of pairs")
        }
        let isText = if case .string? = entries.first { true } else { false }
        return try entries.enumerated().map { index, entry in
            var pair: [String] = []
            switch entry {
            case .string(let text) where isText:
                pair = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                    .map { String(Substring($0)) }
            case .array(let parts) where !isText:
                for case .string(let part) in parts { pair.append(part) }
                if pair.count != parts.count { pair = [] }
            default: break
            }
            guard pair.count == 2, !pair[0].isEmpty, !pair[1].isEmpty else {
                throw TokenizerError.malformed(
                    place: "\(field.path)[\(index)]",
                    reason:
                        #"is \#(entry.text()), wanted two tokens; a list has pairs that are all ["a", "b"] or all "a b""#
                )
            }
            return (pair[0], pair[1])
        }
    }
}
