import Foundation

/// Every token of a file by id and by name, each checked to have one id of its own.
struct TokenTable {
    private(set) var bytes: [[UInt8]?] = []
    private(set) var ids: [String: Int32] = [:]
    private(set) var special: Set<Int32> = []
    private(set) var byteTokens = [Int32?](repeating: nil, count: 256)
    private(set) var added = AddedTokens()
    private(set) var addedAfterNormalising = AddedTokens()
    private var names: [Int32: String] = [:]

    init(_ file: TokenizerFile) throws(TokenizerError) {
        ids = file.model.vocabulary
        let highest = max(ids.values.max() ?? -1, file.addedTokens.map(\.id).max() ?? -1)
        guard highest < TokenizerFile.idLimit else {
            throw .malformed(
                place: "model.vocab", reason: "id \(highest); ids end below \(TokenizerFile.idLimit)")
        }
        bytes = [[UInt8]?](repeating: nil, count: Int(highest) + 1)
        let addedNames = Set(file.addedTokens.map(\.content))
        for (token, id) in file.model.vocabulary {
            try insert(token, id: id)
            guard !addedNames.contains(token) else { continue }
            guard let tokenBytes = ByteAlphabet.bytes(of: token), !tokenBytes.isEmpty else {
                throw .unsupported(
                    place: "model.vocab.\(token)", value: "not written in the byte-level alphabet",
                    remedy: "only byte-level vocabularies can be read")
            }
            bytes[Int(id)] = tokenBytes
            if tokenBytes.count == 1 { byteTokens[Int(tokenBytes[0])] = id }
        }
        for token in file.addedTokens { try insert(token, normalising: file.isNormalised) }
    }

    /// The merges of the file by id; a merge of, or into, a token that the vocabulary lacks is an error.
    func merges(_ pairs: [TokenizerFile.Pair]) throws(TokenizerError) -> BytePairMerges {
        var merges = BytePairMerges()
        for (rank, pair) in pairs.enumerated() {
            guard let left = ids[pair.left], let right = ids[pair.right],
                let result = ids[pair.left + pair.right]
            else {
                throw .malformed(
                    place: "model.merges.\(rank)",
                    reason: "'\(pair.left)', '\(pair.right)' and both joined must be in model.vocab")
            }
            guard merges.insert(left: left, right: right, result: result, rank: Int32(rank)) else {
                throw .malformed(
                    place: "model.merges.\(rank)", reason: "'\(pair.left) \(pair.right)' comes twice")
            }
        }
        return merges
    }

    private mutating func insert(_ token: String, id: Int32) throws(TokenizerError) {
        guard id >= 0 else { throw .malformed(place: "model.vocab.\(token)", reason: "id \(id) is negative") }
        if let other = names[id], other != token { throw .ambiguous(token: token, id: id, other: other) }
        names[id] = token
    }

    private mutating func insert(_ token: TokenizerFile.AddedToken, normalising: Bool) throws(TokenizerError)
    {
        guard !token.content.isEmpty else {
            throw .malformed(place: "added_tokens", reason: "the token with id \(token.id) is empty")
        }
        if let known = ids[token.content], known != token.id {
            throw .ambiguous(token: token.content, id: token.id, other: "\(token.content) with id \(known)")
        }
        try insert(token.content, id: token.id)
        ids[token.content] = token.id
        bytes[Int(token.id)] = Array(token.content.utf8)
        if token.isSpecial { special.insert(token.id) }
        if token.isNormalised {
            let content = normalising ? token.content.precomposedStringWithCanonicalMapping : token.content
            addedAfterNormalising.insert(Array(content.utf8), id: token.id)
        } else {
            added.insert(Array(token.content.utf8), id: token.id)
        }
    }
}
