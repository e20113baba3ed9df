/// All tokens of a file by id and by name, after a check that each has one id of its own.
struct TokenTable {
    /// The bytes of each id; nil for an id without a token.
    private(set) var bytes: [[UInt8]?] = []
    private(set) var special: Set<Int32> = []
    /// The token of each single byte; −1 for a byte without one.
    private(set) var byteTokens = [Int32](repeating: -1, count: 256)
    private(set) var addedIDs: [String: Int32] = [:]
    private(set) var added = AddedTokens([])
    private(set) var addedAfterNormalising = AddedTokens([])
    let vocabulary: [String: Int32]
    private var names: [String?]

    /// Longest added token, bytes: a text is searched for added tokens at every place where one may begin.
    private static let longestAdded = 1000

    init(_ file: TokenizerFile) throws(TokenizerError) {
        vocabulary = file.model.vocabulary
        let highest = max(vocabulary.values.max() ?? -1, file.addedTokens.map(\.id).max() ?? -1)
        guard highest < TokenizerFile.idLimit else {
            throw .malformed(
                place: "model.vocab", reason: "id \(highest); ids end below \(TokenizerFile.idLimit)")
        }
        bytes = [[UInt8]?](repeating: nil, count: Int(highest) + 1)
        names = [String?](repeating: nil, count: Int(highest) + 1)
        let addedNames = Set(file.addedTokens.map(\.content))
        for (token, id) in vocabulary {
            try name(id, token)
            guard let tokenBytes = ByteAlphabet.bytes(of: token), !tokenBytes.isEmpty else {
                guard addedNames.contains(token) else {
                    throw .unsupported(
                        place: "model.vocab.\(token)", value: "not written in the byte-level alphabet",
                        remedy: "only byte-level vocabularies can be read")
                }
                continue
            }
            bytes[Int(id)] = tokenBytes
            if tokenBytes.count == 1 { byteTokens[Int(tokenBytes[0])] = id }
        }
        try insert(file.addedTokens, normalising: file.isNormalised)
        for id in file.specialBefore + file.specialAfter
        where id < 0 || id >= bytes.count || bytes[Int(id)] == nil {
            throw .malformed(place: "post_processor.special_tokens", reason: "no token has the id \(id)")
        }
    }

    /// Converts the file's merges to ids.
    ///
    /// - Throws: `TokenizerError` for a merge of, or into, a token that the vocabulary lacks.
    func merges(_ pairs: [(left: String, right: String)]) throws(TokenizerError) -> BytePairMerges {
        var merges = BytePairMerges(capacity: pairs.count)
        for (rank, pair) in pairs.enumerated() {
            guard let left = vocabulary[pair.left], let right = vocabulary[pair.right],
                let result = vocabulary[pair.left + pair.right]
            else {
                throw .malformed(
                    place: "model.merges.\(rank)",
                    reason: "'\(pair.left)', '\(pair.right)' and both joined must be in model.vocab")
            }
            merges.insert(left: left, right: right, result: result, rank: Int32(rank))
        }
        return merges
    }

    private mutating func name(_ id: Int32, _ token: String) throws(TokenizerError) {
        guard id >= 0 else { throw .malformed(place: "model.vocab.\(token)", reason: "id \(id) is negative") }
        if let other = names[Int(id)], other != token {
            throw .ambiguous(token: token, id: id, other: other)
        }
        names[Int(id)] = token
    }

    /// The tokens without repetitions; of a repeated one the last entry counts, as in `tokenizers`.
    private static func distinct(_ tokens: [TokenizerFile.AddedToken]) -> [TokenizerFile.AddedToken] {
        var places: [String: Int] = [:]
        var distinct: [TokenizerFile.AddedToken] = []
        for var token in tokens {
            if let place = places[token.content], distinct[place].id == token.id {
                token.isSpecial = token.isSpecial || distinct[place].isSpecial
                distinct[place] = token
            } else {
                places[token.content] = distinct.count
                distinct.append(token)
            }
        }
        return distinct
    }

    private mutating func insert(_ tokens: [TokenizerFile.AddedToken], normalising: Bool)
        throws(TokenizerError)
    {
        // `tokenizers` ignores the ids of added tokens and counts on from the size of the vocabulary.
        var next = Int32(vocabulary.count)
        var entries: [Bool: [AddedTokens.Entry]] = [:]
        var looks: [Bool: Set<[UInt8]>] = [:]
        for (index, token) in Self.distinct(tokens).enumerated() {
            guard (1...Self.longestAdded).contains(token.content.utf8.count) else {
                throw .malformed(
                    place: "added_tokens.\(index)",
                    reason: "the token with id \(token.id) has \(token.content.utf8.count) bytes; "
                        + "1 to \(Self.longestAdded) can be looked for")
            }
            if let known = vocabulary[token.content] ?? addedIDs[token.content] {
                guard known == token.id else {
                    throw .ambiguous(
                        token: token.content, id: token.id, other: "\(token.content) with id \(known)")
                }
            } else {
                try name(token.id, token.content)
                guard token.id == next else {
                    throw .malformed(
                        place: "added_tokens.\(index)",
                        reason:
                            "'\(token.content)' has id \(token.id), but `tokenizers` gives it \(next), for "
                            + "added tokens are counted on from the vocabulary; number them so")
                }
                next += 1
            }
            let utf8 = Array(token.content.utf8)
            let content =
                normalising && token.isNormalised ? CanonicalComposition.nfc(utf8[...]) ?? utf8 : utf8
            addedIDs[token.content] = token.id
            // The decoder reads characters of the byte-level alphabet as bytes, in added tokens too.
            bytes[Int(token.id)] = ByteAlphabet.bytes(of: String(decoding: content, as: UTF8.self)) ?? content
            if token.isSpecial { special.insert(token.id) }
            guard looks[token.isNormalised, default: []].insert(content).inserted else {
                throw .malformed(
                    place: "added_tokens.\(index)",
                    reason:
                        "'\(token.content)' is looked for as another added token is; leave one of them out")
            }
            entries[token.isNormalised, default: []].append(
                AddedTokens.Entry(
                    bytes: content, id: token.id, isSingleWord: token.isSingleWord,
                    stripsLeft: token.stripsLeft, stripsRight: token.stripsRight))
        }
        added = AddedTokens(entries[false] ?? [])
        addedAfterNormalising = AddedTokens(entries[true] ?? [])
    }
}
