import StrictJSON

/// The part of a `tokenizer.json` that Ponder implements: byte-level BPE, with or without merges.
///
/// Reading is strict: a key, component or setting that is not listed here is an error that names it, because
/// a setting that is silently left out gives other ids than the model was trained on.
struct TokenizerFile {
    let addedTokens: [AddedToken]
    /// Whether texts are normalised to NFC.
    let isNormalised: Bool
    let preTokenization: PreTokenization
    /// The ids before and after a text, on request.
    let specialBefore: [Int32]
    let specialAfter: [Int32]
    let model: Model

    struct AddedToken {
        let id: Int32
        let content: String
        /// Whether a decoded text leaves the token out on request.
        var isSpecial: Bool
        /// Whether the token is looked for after normalisation rather than before.
        let isNormalised: Bool
        let isSingleWord: Bool
        let stripsLeft: Bool
        let stripsRight: Bool
    }

    struct Model {
        let vocabulary: [String: Int32]
        /// Pairs of neighbouring tokens to merge; earlier pairs are merged first.
        let merges: [(left: String, right: String)]
        /// The token that replaces every byte that has no token.
        let unknownToken: String?
        /// Whether one unknown token replaces a run of such bytes.
        let fusesUnknown: Bool
        /// Whether a piece that is a token as a whole is taken as it is, without merges.
        let ignoresMerges: Bool
    }

    /// Largest file that is read, bytes; the largest files in use are a quarter of it.
    static let sizeLimit = 64 << 20
    /// One past the largest id that is accepted.
    static let idLimit: Int32 = 1 << 22

    static func read(_ bytes: some Collection<UInt8>) throws(TokenizerError) -> TokenizerFile {
        guard bytes.count <= sizeLimit else {
            throw .malformed(place: "file", reason: "\(bytes.count) bytes; at most \(sizeLimit) are read")
        }
        do {
            return try TokenizerFile(JSONField(parsing: bytes))
        } catch let error as TokenizerError {
            throw error
        } catch let error as JSONError {
            throw TokenizerError(error)
        } catch {
            throw .malformed(place: "file", reason: "\(error)")
        }
    }

}

extension TokenizerFile {
    private init(_ field: JSONField) throws {
        self = try field.object { file in
            try file.mustBe(["1.0"], "version", remedy: "only version 1.0 can be read")
            // Both shape a batch and change no token's id; Ponder bounds and pads its batches itself.
            file.ignore(["truncation", "padding"])
            guard let preTokenizer = try file.optional("pre_tokenizer").map(PreTokenizer.init),
                preTokenizer.isByteLevel
            else {
                throw TokenizerError.unsupported(
                    place: "pre_tokenizer", value: "without ByteLevel",
                    remedy: "only byte-level vocabularies can be read")
            }
            guard let decoder = file.optional("decoder") else {
                throw TokenizerError.unsupported(
                    place: "decoder", value: "null",
                    remedy: "a byte-level vocabulary needs the ByteLevel decoder")
            }
            try ByteLevelDecoder.check(decoder)
            let postProcessor = try file.optional("post_processor").map(PostProcessor.init)
            return TokenizerFile(
                addedTokens: try file.optional("added_tokens")?.elements().map(AddedToken.init) ?? [],
                isNormalised: try file.optional("normalizer").map(Normalizer.init)?.isNFC ?? false,
                preTokenization: PreTokenization(steps: preTokenizer.steps),
                specialBefore: postProcessor?.before ?? [], specialAfter: postProcessor?.after ?? [],
                model: try Model(file.required("model")))
        }
    }
}

extension TokenizerError {
    /// The error of a file whose JSON is not that of a tokenizer.
    fileprivate init(_ error: JSONError) {
        let place = error.path.isEmpty ? "file" : error.path
        self =
            switch error.code {
            case .unknownField:
                .unsupported(place: place, value: "a key", remedy: "remove it if it changes no ids")
            case .syntax:
                .malformed(
                    place: place,
                    reason: "is not JSON: byte \(error.offset ?? 0) is \(error.found), wanted \(error.wanted)"
                )
            case .repeatedKey: .malformed(place: place, reason: "occurs twice; each key may be there once")
            case .missingField: .malformed(place: place, reason: "is missing")
            case .wrongType, .outOfRange, .unusable:
                .malformed(place: place, reason: "is \(error.found), wanted \(error.wanted)")
            }
    }
}
