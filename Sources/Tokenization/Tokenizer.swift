import Foundation
import Primitives

/// Text to token ids and back, by a `tokenizer.json` of byte-level BPE.
///
///     let tokenizer = try Tokenizer(contentsOf: bytes)
///     try tokenizer.encode("Q:17*3=?\nA:<think>")   // [54, 31, …, 2]
///
/// A vocabulary without merges is a character vocabulary. Added tokens (the tags, the end) are recognised in
/// the text; no other token is added unless the caller asks for it. Ids are those of Hugging Face's
/// `tokenizers`, with one difference: a character that the vocabulary lacks is an error here, but
/// `tokenizers` drops it silently.
package struct Tokenizer: Sendable {
    /// One more than the largest id.
    package let vocabularySize: Int
    /// The id that ends a response; −1, which is no token's id, when none was found and none is required.
    package let endToken: Int32
    /// The id that fills the shorter rows of a batch: the padding token, else the end token, else 0.
    package let padToken: Int32
    /// SHA-256 of the file's bytes, 64 hexadecimal digits; equal digests mean equal ids.
    package let digest: String
    /// Whether every token but the added ones is a single byte.
    package let isCharacterVocabulary: Bool

    /// The bytes of each id; nil for a hole in the file's ids.
    private let bytes: [[UInt8]?]
    private let special: Set<Int32>
    private let vocabulary: [String: Int32]
    private let addedIDs: [String: Int32]
    let encoder: TextEncoder

    private static let usualEnds = [
        "<end>", "<|endoftext|>", "</s>", "<|end_of_text|>", "<|im_end|>", "<eos>",
    ]
    private static let usualPads = ["<pad>", "<|endoftext|>"]

    /// Reads a `tokenizer.json`.
    ///
    /// `end` and `pad` name tokens of the file. Without a name, the usual tokens are tried: `<end>`,
    /// `<|endoftext|>`, `</s>`, `<|end_of_text|>`, `<|im_end|>`, `<eos>` for the end, and `<pad>`,
    /// `<|endoftext|>` for the padding.
    ///
    /// - Throws: `TokenizerError.malformed`, `.unsupported`, `.ambiguous` or, if an end is required,
    ///   `.noEndToken`.
    package init(
        contentsOf tokenizerJSON: some Collection<UInt8>, end: String? = nil, pad: String? = nil,
        requiresEnd: Bool = true
    ) throws(TokenizerError) {
        let file = try TokenizerFile.read(tokenizerJSON)
        let table = try TokenTable(file)
        func id(of token: String) -> Int32? { table.addedIDs[token] ?? table.vocabulary[token] }
        bytes = table.bytes
        special = table.special
        vocabulary = table.vocabulary
        addedIDs = table.addedIDs
        vocabularySize = table.bytes.count
        encoder = try TextEncoder(file, table)
        isCharacterVocabulary = file.model.merges.isEmpty
        let ends = end.map { [$0] } ?? Self.usualEnds
        let endID = ends.lazy.compactMap(id(of:)).first
        if endID == nil, requiresEnd { throw .noEndToken(tried: ends) }
        endToken = endID ?? -1
        padToken = (pad.map { [$0] } ?? Self.usualPads).lazy.compactMap(id(of:)).first ?? max(0, endToken)
        digest = ContentHash.text(of: tokenizerJSON)
    }

    /// The id of the token that is exactly this text: an added token, else the token of these bytes.
    package func id(of text: String) -> Int32? {
        addedIDs[text]
            ?? vocabulary[String(String.UnicodeScalarView(text.utf8.map(ByteAlphabet.character(of:))))]
    }

    /// The tokens that the file's template puts before every text, such as `<|begin_of_text|>`; often none.
    package var beginTokens: [Int32] { encoder.specialBefore }

    /// Encodes a text.
    ///
    /// With `addingSpecialTokens`, the tokens that the file's template puts around every text are added.
    ///
    /// - Throws: `TokenizerError.unknownCharacter`.
    package func encode(_ text: String, addingSpecialTokens: Bool = false) throws(TokenizerError) -> [Int32] {
        let (ids, unknown) = encodeLeavingOut(text, addingSpecialTokens: addingSpecialTokens)
        if let unknown { throw unknown }
        return ids
    }

    /// Encodes a text without the bytes that have no token, as `tokenizers` does.
    ///
    /// `leftOut` is the `unknownCharacter` error for the first of those bytes, nil when nothing was left out.
    package func encodeLeavingOut(
        _ text: String, addingSpecialTokens: Bool = false
    ) -> (ids: [Int32], leftOut: TokenizerError?) {
        encoder.encode(Array(text.utf8), addingSpecialTokens: addingSpecialTokens)
    }

    /// Decodes ids; bytes that are not UTF-8 become U+FFFD.
    ///
    /// An id between others that no token has (a hole) has no text.
    ///
    /// - Throws: `TokenizerError.unknownID`.
    package func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false)
        throws(TokenizerError) -> String
    {
        var text: [UInt8] = []
        for id in ids { text += try bytes(of: id, skippingSpecialTokens: skippingSpecialTokens) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that an id adds to a decoded text; none for a hole in the file's ids.
    ///
    /// - Throws: `TokenizerError.unknownID`.
    func bytes(of id: Int32, skippingSpecialTokens: Bool) throws(TokenizerError) -> [UInt8] {
        guard id >= 0, Int(id) < bytes.count else {
            throw .unknownID(id: id, vocabularySize: vocabularySize)
        }
        return skippingSpecialTokens && special.contains(id) ? [] : bytes[Int(id)] ?? []
    }
}
