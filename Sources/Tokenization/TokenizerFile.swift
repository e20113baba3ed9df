import Foundation

/// A `tokenizer.json` as far as Ponder implements it: byte-level BPE, with or without merges.
///
/// Strict: a key, a component or a setting that is not listed here is an error that names it, because a setting
/// that is quietly left out gives other ids than the model was trained on.
struct TokenizerFile: Decodable {
    let addedTokens: [AddedToken]
    /// Whether a text is brought into NFC.
    let isNormalised: Bool
    let preTokenization: PreTokenization
    /// The ids that go around a text on request.
    let specialBefore: [Int32]
    let specialAfter: [Int32]
    let model: Model

    struct AddedToken {
        let id: Int32
        let content: String
        /// Left out of a decoded text on request.
        let isSpecial: Bool
        /// Looked for after normalisation rather than before.
        let isNormalised: Bool
        let isSingleWord: Bool
        let stripsLeft: Bool
        let stripsRight: Bool
    }

    struct Model {
        let vocabulary: [String: Int32]
        /// Two neighbours to merge, each; the first is merged first.
        let merges: [(left: String, right: String)]
        /// Stands for every byte that has no token.
        let unknownToken: String?
        /// One unknown token for a run of such bytes.
        let fusesUnknown: Bool
        /// A piece that is a token as a whole is not built by merges.
        let ignoresMerges: Bool
    }

    /// Bytes of the largest file that is read; the largest in use are a quarter of it.
    static let sizeLimit = 64 << 20
    /// One past the largest id that is accepted.
    static let idLimit: Int32 = 1 << 22

    static func read(_ bytes: some Collection<UInt8>) throws(TokenizerError) -> TokenizerFile {
        guard bytes.count <= sizeLimit else {
            throw .malformed(place: "file", reason: "\(bytes.count) bytes; at most \(sizeLimit) are read")
        }
        do {
            let file = try JSONDecoder().decode(TokenizerFile.self, from: Data(bytes))
            let listed = VocabularyCount.entries(in: Array(bytes))
            guard listed == file.model.vocabulary.count else {
                throw TokenizerError.malformed(
                    place: "model.vocab",
                    reason:
                        "lists \(listed) tokens, of which \(file.model.vocabulary.count) differ; each may be there once"
                )
            }
            return file
        } catch let error as TokenizerError {
            throw error
        } catch let error as DecodingError {
            throw malformed(error)
        } catch {
            throw .malformed(place: "file", reason: "\(error)")
        }
    }

    init(from decoder: any Decoder) throws {
        let file = try StrictObject(
            decoder,
            keys: [
                "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
                "post_processor", "decoder", "model",
            ])
        try file.mustBe(["1.0"], "version", remedy: "only version 1.0 can be read")
        try file.mustBeNull("truncation", remedy: "remove it; Ponder bounds lengths itself")
        try file.mustBeNull("padding", remedy: "remove it; Ponder pads batches itself")
        addedTokens = try file.optional([AddedToken].self, "added_tokens") ?? []
        isNormalised = try file.optional(Normalizer.self, "normalizer")?.isNFC ?? false
        guard let preTokenizer = try file.optional(PreTokenizer.self, "pre_tokenizer"),
            preTokenizer.isByteLevel
        else {
            throw TokenizerError.unsupported(
                place: "pre_tokenizer", value: "without ByteLevel",
                remedy: "only byte-level vocabularies can be read")
        }
        preTokenization = PreTokenization(steps: preTokenizer.steps)
        let postProcessor = try file.optional(PostProcessor.self, "post_processor")
        specialBefore = postProcessor?.before ?? []
        specialAfter = postProcessor?.after ?? []
        guard try file.optional(ByteLevelDecoder.self, "decoder") != nil else {
            throw TokenizerError.unsupported(
                place: "decoder", value: "null", remedy: "a byte-level vocabulary needs the ByteLevel decoder"
            )
        }
        model = try file.required(Model.self, "model")
    }

    private static func malformed(_ error: DecodingError) -> TokenizerError {
        switch error {
        case .keyNotFound(let key, let context):
            return .malformed(
                place: StrictObject.place(context.codingPath, key.stringValue), reason: "is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return .malformed(
                place: StrictObject.place(context.codingPath), reason: "must be \(words(for: type))")
        case .dataCorrupted(let context):
            let detail = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
            return .malformed(
                place: StrictObject.place(context.codingPath),
                reason: detail.map { "is not JSON: \($0)" } ?? context.debugDescription)
        @unknown default:
            return .malformed(place: "file", reason: "\(error)")
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is Int32.Type: "a whole number"
        case is [Any].Type: "a list"
        default: "an object"
        }
    }
}
