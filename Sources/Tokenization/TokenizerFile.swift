import Foundation

/// A `tokenizer.json` as far as Ponder implements it: byte-level BPE, with or without merges.
///
/// Strict: a key, a component or a setting that is not listed here is an error that names it, because a setting
/// that is quietly left out gives other ids than the model was trained on.
struct TokenizerFile: Decodable {
    let addedTokens: [AddedToken]
    let isNormalised: Bool
    let pattern: SplitPattern
    let model: Model

    struct AddedToken {
        let id: Int32
        let content: String
        /// Left out of a decoded text on request.
        let isSpecial: Bool
        /// Looked for after normalisation rather than before.
        let isNormalised: Bool
    }

    struct Model {
        let vocabulary: [String: Int32]
        let merges: [Pair]
    }

    /// Two neighbours to merge; a file lists the first to merge first.
    struct Pair: Hashable {
        let left: String
        let right: String
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
            return try JSONDecoder().decode(TokenizerFile.self, from: Data(bytes))
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
                "post_processor",
                "decoder", "model",
            ])
        try file.mustBeNull("truncation", remedy: "remove it; Ponder bounds lengths itself")
        try file.mustBeNull("padding", remedy: "remove it; Ponder pads batches itself")
        addedTokens = try file.optional([AddedToken].self, "added_tokens") ?? []
        isNormalised = try file.optional(Normalizer.self, "normalizer") != nil
        pattern = try file.optional(PreTokenizer.self, "pre_tokenizer")?.pattern ?? .none
        guard try file.optional(PreTokenizer.self, "pre_tokenizer")?.isByteLevel == true else {
            throw TokenizerError.unsupported(
                place: "pre_tokenizer", value: "without ByteLevel",
                remedy: "only byte-level vocabularies can be read")
        }
        _ = try file.optional(PostProcessor.self, "post_processor")
        guard try file.optional(ByteLevel.self, "decoder") != nil else {
            throw TokenizerError.unsupported(
                place: "decoder", value: "null", remedy: "a byte-level vocabulary needs the ByteLevel decoder"
            )
        }
        model = try file.required(Model.self, "model")
    }

    private static func malformed(_ error: DecodingError) -> TokenizerError {
        func place(_ context: DecodingError.Context, _ last: String? = nil) -> String {
            let keys =
                context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
                + (last.map { [$0] } ?? [])
            return keys.isEmpty ? "file" : keys.joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context):
            .malformed(place: place(context, key.stringValue), reason: "is missing")
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            .malformed(place: place(context), reason: "must be \(type)")
        case .dataCorrupted(let context):
            .malformed(place: place(context), reason: context.debugDescription)
        @unknown default:
            .malformed(place: "file", reason: "\(error)")
        }
    }
}
