import Reasoning
package import Tokenization

/// What ends a response: end tokens, and every token that contains a stop string.
///
/// A stop string is one token of the vocabulary. Vocabularies also have longer tokens that contain the same
/// text (two line breaks, for example). Each of them ends a response too, and its text before the stop string
/// still belongs to the response.
package struct ResponseEnds: Sendable {
    /// Every token that ends a response.
    package let tokens: Set<Int32>
    /// End tokens, and tokens that are exactly a stop string.
    package let exact: Set<Int32>
    /// The text of ending tokens before their stop string, where it is not empty.
    private let heads: [Int32: String]

    /// - Throws: `SettingError` for a stop string that is not one token, `TokenizerError`.
    package init(endTokens: Set<Int32>, stops: [String], _ tokenizer: Tokenizer) throws {
        var exact = endTokens
        for stop in stops {
            let ids = (try? tokenizer.encode(stop)) ?? []
            guard ids.count == 1 else {
                let found = ids.isEmpty ? "no token" : "\(ids.count) tokens"
                throw SettingError(
                    setting: "prompt.stop", value: stop.replacing("\n", with: "\\n"),
                    remedy:
                        "a stop string must be one token, and this model's tokenizer makes \(found) of it; "
                        + "take one of its tokens, or leave it out")
            }
            exact.formUnion(ids)
        }
        var all = exact
        var heads: [Int32: String] = [:]
        for id in 0..<(stops.isEmpty ? 0 : Int32(tokenizer.vocabularySize)) where !exact.contains(id) {
            // A hole in the vocabulary is no token.
            guard let text = try? tokenizer.decode([id]) else { continue }
            let before = stops.map { text.splitBytes(on: $0) }.filter { $0.count > 1 }.map { $0[0] }
            guard let head = before.min(by: { $0.utf8.count < $1.utf8.count }) else { continue }
            all.insert(id)
            if !head.isEmpty { heads[id] = head }
        }
        tokens = all
        self.exact = exact
        self.heads = heads
    }

    /// The text of a response, without what ended it.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func text(of response: [Int32], _ tokenizer: Tokenizer) throws -> String {
        guard let last = response.last, tokens.contains(last) else { return try tokenizer.text(of: response) }
        return try tokenizer.text(of: response.dropLast()) + (heads[last] ?? "")
    }
}
