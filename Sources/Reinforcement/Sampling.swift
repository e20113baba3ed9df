/// How the tokens of a response are sampled, and what ends it; both sides of a run must agree on it.
package struct Sampling: Sendable, Hashable {
    /// Divides the logits; 0 takes the most likely token.
    package var temperature: Double
    /// The token ids that may be sampled; nil for the whole vocabulary.
    package var allowed: [Int32]?
    /// Number of most likely tokens to sample from; nil for all.
    package var topK: Int?
    /// Nucleus sampling: the smallest set of most likely tokens with this total probability, 0 to 1; 1 for
    /// all.
    package var topP: Double
    /// Maximum length of a response in tokens, the end token included.
    package var maxNewTokens: Int
    /// Tokens that end a response; nil for the model's own end tokens.
    package var endTokens: Set<Int32>?

    package init(
        temperature: Double = 1, allowed: [Int32]? = nil, topK: Int? = nil, topP: Double = 1,
        maxNewTokens: Int, endTokens: Set<Int32>? = nil
    ) {
        self.temperature = temperature
        self.allowed = allowed
        self.topK = topK
        self.topP = topP
        self.maxNewTokens = maxNewTokens
        self.endTokens = endTokens
    }
}
