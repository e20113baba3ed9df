package import Foundation
package import Tokenization

extension Tokenizer {
    /// The tokenizer of a policy: what ends a response is what the policy's configuration says, not what is usual.
    ///
    /// - Throws: `TokenizerError`.
    package init(_ json: Data, of configuration: PolicyConfiguration) throws(TokenizerError) {
        let added = (try? JSONDecoder().decode(AddedTokens.self, from: json))?.added_tokens ?? []
        let end = added.first { configuration.endTokens.contains($0.id) }?.content
        do throws(TokenizerError) {
            try self.init(contentsOf: Array(json), end: end)
        } catch .noEndToken(let tried) {
            // A model need not name one: its responses then end at their limit, and the tokenizer's own is not used.
            guard let some = added.first?.content else { throw .noEndToken(tried: tried) }
            try self.init(contentsOf: Array(json), end: some)
        }
    }

    /// The text of sampled ids.
    ///
    /// A model may have more ids than its tokenizer has tokens (Qwen pads its table); such an id has no text.
    package func text(of ids: some Sequence<Int32>) throws(TokenizerError) -> String {
        try decode(ids.filter { Int($0) < vocabularySize })
    }
}

private struct AddedTokens: Decodable {
    struct Token: Decodable {
        let id: Int32
        let content: String
    }

    let added_tokens: [Token]?
}
