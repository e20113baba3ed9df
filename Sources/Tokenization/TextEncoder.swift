/// Encodes the bytes of a text in steps: added tokens, NFC, added tokens again, pieces, merges.
struct TextEncoder: Sendable {
    private let added: AddedTokens
    private let addedAfterNormalising: AddedTokens
    private let isNormalised: Bool
    private let preTokenization: PreTokenization
    private let byteTokens: [Int32]
    private let merges: BytePairMerges
    /// Tokens that are looked up whole before merging; nil unless the file asks for it.
    private let wholeTokens: WholeTokens?
    /// Replaces bytes that have no token; when it is nil, they are left out.
    private let unknownToken: Int32?
    private let fusesUnknown: Bool
    let specialBefore: [Int32]
    private let specialAfter: [Int32]

    init(_ file: TokenizerFile, _ table: TokenTable) throws(TokenizerError) {
        added = table.added
        addedAfterNormalising = table.addedAfterNormalising
        isNormalised = file.isNormalised
        byteTokens = table.byteTokens
        merges = try table.merges(file.model.merges)
        wholeTokens = file.model.ignoresMerges ? WholeTokens(table.bytes, table.vocabulary.values) : nil
        if let name = file.model.unknownToken, table.byteTokens.contains(where: { $0 < 0 }) {
            guard let id = table.vocabulary[name] else {
                throw .malformed(place: "model.unk_token", reason: "'\(name)' is not in model.vocab")
            }
            unknownToken = id
        } else {
            unknownToken = nil
        }
        fusesUnknown = file.model.fusesUnknown
        specialBefore = file.specialBefore
        specialAfter = file.specialAfter
        let addsSpace = file.preTokenization.steps.contains(.prefixSpace)
        guard !addsSpace || table.byteTokens[Int(UInt8(ascii: " "))] >= 0 else {
            throw .malformed(
                place: "model.vocab", reason: "add_prefix_space needs a token for the blank, 'Ġ'")
        }
        // Cuts have no effect when nothing is merged.
        let isCut = !file.model.merges.isEmpty || file.model.ignoresMerges || unknownToken != nil || addsSpace
        preTokenization = isCut ? file.preTokenization : PreTokenization(steps: [])
    }

    /// The ids of a text, and an `unknownCharacter` error for the first byte that was left out.
    func encode(_ text: [UInt8], addingSpecialTokens: Bool) -> (ids: [Int32], leftOut: TokenizerError?) {
        var encoding = Encoding()
        if addingSpecialTokens { encoding.ids += specialBefore }
        for part in added.isEmpty ? [.plain(text.indices)] : added.split(text, in: text.indices) {
            switch part {
            case .token(let id, let range): encoding.append(id, text[range])
            case .plain(let range):
                if isNormalised, let normalised = CanonicalComposition.nfc(text[range]) {
                    encode(normalised, normalised.indices, into: &encoding)
                } else {
                    encode(text, range, into: &encoding)
                }
            }
        }
        if addingSpecialTokens { encoding.ids += specialAfter }
        return (encoding.ids, encoding.leftOut)
    }

    /// The ids so far, and the place in the text.
    private struct Encoding {
        var ids: [Int32] = []
        var piece = BytePairMerges.Workspace()
        /// Scalars of the text that were encoded.
        var place = 0
        var omitted = 0
        var leftOut: TokenizerError?

        mutating func append(_ id: Int32, _ text: ArraySlice<UInt8>) {
            ids.append(id)
            place += text.scalarCount
        }
    }

    private func encode(_ text: [UInt8], _ range: Range<Int>, into encoding: inout Encoding) {
        guard !addedAfterNormalising.isEmpty else { return encodePlain(text, range, into: &encoding) }
        for part in addedAfterNormalising.split(text, in: range) {
            switch part {
            case .token(let id, let range): encoding.append(id, text[range])
            case .plain(let range): encodePlain(text, range, into: &encoding)
            }
        }
    }

    private func encodePlain(_ text: [UInt8], _ range: Range<Int>, into encoding: inout Encoding) {
        guard !range.isEmpty else { return }
        let omitted = encoding.omitted
        preTokenization.forEachPiece(of: text, in: range) { text, piece in
            encodePiece(text, piece, into: &encoding)
        }
        if encoding.omitted > omitted, encoding.leftOut == nil {
            let index = text[range].firstIndex { byteTokens[Int($0)] < 0 } ?? range.lowerBound
            encoding.leftOut = unknownCharacter(in: text[range], at: index, before: encoding.place)
        }
        encoding.place += text[range].scalarCount
    }

    private func encodePiece(_ text: [UInt8], _ range: Range<Int>, into encoding: inout Encoding) {
        if let id = wholeTokens?.id(of: text, range) {
            encoding.ids.append(id)
            return
        }
        encoding.piece.tokens.removeAll(keepingCapacity: true)
        var wasUnknown = false
        for index in range {
            let id = byteTokens[Int(text[index])]
            if id >= 0 {
                encoding.piece.tokens.append(id)
            } else if let unknownToken {
                if !(fusesUnknown && wasUnknown) { encoding.piece.tokens.append(unknownToken) }
            } else {
                encoding.omitted += 1
            }
            wasUnknown = id < 0
        }
        merges.merge(&encoding.piece)
        encoding.ids.append(contentsOf: encoding.piece.tokens)
    }

    private func unknownCharacter(
        in text: ArraySlice<UInt8>, at index: Int, before place: Int
    ) -> TokenizerError {
        let start = text[...index].lastIndex { $0 & 0xC0 != 0x80 } ?? index
        let end = text[(index + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? text.endIndex
        return .unknownCharacter(
            character: String(decoding: text[start..<end], as: UTF8.self),
            place: place + text[..<start].scalarCount)
    }
}

extension ArraySlice<UInt8> {
    /// Number of Unicode scalars in UTF-8 bytes: every byte that does not continue one begins one.
    fileprivate var scalarCount: Int { reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } }
}
