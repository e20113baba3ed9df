/// How the tokens of a response are sampled and what ends it; both sides of a run must agree on it.
package struct Sampling: Sendable, Hashable {
    /// Divides the logits; 0 takes the likeliest token.
    package var temperature: Double
    /// The token ids that may be sampled; nil for the whole vocabulary.
    package var allowed: [Int32]?
    /// Only this many of the likeliest tokens; nil for all.
    package var topK: Int?
    /// Only the fewest, likeliest first, that together hold this share; 1 for all.
    package var topP: Double
    /// Longest response in tokens, the end token included.
    package var maxNewTokens: Int
    /// Each of these ends a response; nil for the model's own end tokens.
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
