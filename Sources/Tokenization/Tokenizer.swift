import Crypto
import Foundation

/// Text to token ids and back, by a `tokenizer.json` of byte-level BPE.
///
///     let tokenizer = try Tokenizer(contentsOf: bytes)
///     try tokenizer.encode("Q:17*3=?\nA:<think>")   // [54, 31, …, 2]
///
/// A vocabulary without merges is a character vocabulary. No token is ever added to what the text says; added
/// tokens (the tags, the end) are recognised in the text. Ids are those of Hugging Face's `tokenizers`, with one
/// difference: a character that the vocabulary lacks is an error, where `tokenizers` drops it without a word.
package struct Tokenizer: Sendable {
    /// One more than the largest id.
    package let vocabularySize: Int
    /// Ends a response.
    package let endToken: Int32
    /// Fills the shorter rows of a batch; the end token where the file has no padding token.
    package let padToken: Int32
    /// SHA-256 of the file's bytes, 64 hexadecimal digits: two sides with one digest have the same ids.
    package let digest: String

    /// The bytes of every id; nil where the file leaves a hole.
    private let bytes: [[UInt8]?]
    private let special: Set<Int32>
    private let ids: [String: Int32]
    private let byteTokens: [Int32?]
    private let merges: BytePairMerges
    private let pattern: SplitPattern
    private let isNormalised: Bool
    private let added: AddedTokens
    private let addedAfterNormalising: AddedTokens

    private static let usualEnds = ["<end>", "<|endoftext|>", "</s>"]
    private static let usualPads = ["<pad>", "<|endoftext|>"]

    /// Reads a `tokenizer.json`.
    ///
    /// `end` and `pad` name tokens of the file; without a name the usual ones are looked for: `<end>`,
    /// `<|endoftext|>`, `</s>`, and `<pad>`, `<|endoftext|>`. Throws `malformed`, `unsupported`, `ambiguous`
    /// or `noEndToken`.
    package init(
        contentsOf tokenizerJSON: some Collection<UInt8>, end: String? = nil, pad: String? = nil
    ) throws(TokenizerError) {
        let file = try TokenizerFile.read(tokenizerJSON)
        let table = try TokenTable(file)
        bytes = table.bytes
        special = table.special
        ids = table.ids
        vocabularySize = table.bytes.count
        byteTokens = table.byteTokens
        merges = try table.merges(file.model.merges)
        added = table.added
        addedAfterNormalising = table.addedAfterNormalising
        pattern = file.pattern
        isNormalised = file.isNormalised
        let ends = end.map { [$0] } ?? Self.usualEnds
        guard let endID = ends.lazy.compactMap({ table.ids[$0] }).first else {
            throw .noEndToken(tried: ends)
        }
        endToken = endID
        padToken = (pad.map { [$0] } ?? Self.usualPads).lazy.compactMap { table.ids[$0] }.first ?? endID
        digest = SHA256.hash(data: Data(tokenizerJSON))
            .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// The id of one token by its written form: a character, a merged piece or an added token.
    package func id(of token: String) -> Int32? {
        ids[token] ?? ids[String(String.UnicodeScalarView(token.utf8.map(ByteAlphabet.character(of:))))]
    }

    /// The ids of a text; throws `unknownCharacter`.
    package func encode(_ text: String) throws(TokenizerError) -> [Int32] {
        var encoding = Encoding()
        let utf8 = Array(text.utf8)
        for part in added.isEmpty ? [.plain(utf8.indices)] : added.split(utf8) {
            switch part {
            case .token(let id): encoding.append(id, from: bytes[Int(id)] ?? [])
            case .plain(let range): try encodeNormalised(normalised(utf8[range]), into: &encoding)
            }
        }
        return encoding.ids
    }

    /// The text of ids; bytes that are not UTF-8 become U+FFFD.
    ///
    /// Throws `unknownID`.
    package func decode(_ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = false)
        throws(TokenizerError) -> String
    {
        var text: [UInt8] = []
        for id in ids {
            guard id >= 0, Int(id) < bytes.count, let token = bytes[Int(id)] else {
                throw .unknownID(id: id, vocabularySize: vocabularySize)
            }
            if skippingSpecialTokens, special.contains(id) { continue }
            text += token
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// What has been encoded so far, and how many scalars of the text that was.
    private struct Encoding {
        var ids: [Int32] = []
        var place = 0

        mutating func append(_ id: Int32, from bytes: [UInt8]) {
            ids.append(id)
            place += bytes.scalarCount
        }
    }

    private func normalised(_ text: ArraySlice<UInt8>) -> [UInt8] {
        // Below U+0300 (lead bytes below 0xCC) every text is its own NFC.
        guard isNormalised, text.contains(where: { $0 >= 0xCC }) else { return Array(text) }
        return Array(String(decoding: text, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
    }

    private func encodeNormalised(_ text: [UInt8], into encoding: inout Encoding) throws(TokenizerError) {
        for part in addedAfterNormalising.isEmpty ? [.plain(text.indices)] : addedAfterNormalising.split(text)
        {
            switch part {
            case .token(let id): encoding.append(id, from: bytes[Int(id)] ?? [])
            case .plain(let range): try encodePlain(Array(text[range]), into: &encoding)
            }
        }
    }

    private func encodePlain(_ text: [UInt8], into encoding: inout Encoding) throws(TokenizerError) {
        var tokens: [Int32] = []
        tokens.reserveCapacity(text.count)
        for (index, byte) in text.enumerated() {
            guard let token = byteTokens[Int(byte)] else {
                throw unknownCharacter(in: text, at: index, before: encoding.place)
            }
            tokens.append(token)
        }
        encoding.place += text.scalarCount
        if merges.isEmpty {
            encoding.ids += tokens
            return
        }
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        var start = 0
        for piece in pattern.pieces(of: scalars) {
            let end = start + scalars[piece].reduce(0) { $0 + UTF8.width($1) }
            encoding.ids += merges.merged(Array(tokens[start..<end]))
            start = end
        }
    }

    private func unknownCharacter(in text: [UInt8], at index: Int, before place: Int) -> TokenizerError {
        let start = text[...index].lastIndex { $0 & 0xC0 != 0x80 } ?? index
        let end = text[(index + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? text.endIndex
        return .unknownCharacter(
            character: String(decoding: text[start..<end], as: UTF8.self),
            place: place + text[..<start].scalarCount)
    }
}

extension Collection<UInt8> {
    /// Unicode scalars in UTF-8 bytes: every byte that does not continue one begins one.
    fileprivate var scalarCount: Int { reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } }
}
