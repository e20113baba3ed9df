package import Torch

/// One sampled response.
package struct Completion: Sendable, Hashable {
    /// [tokens], the token that ended it included.
    package fileprivate(set) var tokens: [Int32] = []
    /// Log-probability (natural log) of each token under the distribution that it was sampled from, [tokens].
    package fileprivate(set) var logProbabilities: [Float] = []
    /// Whether an end token was sampled; otherwise the limit cut the response.
    package fileprivate(set) var ended = false

    mutating func append(_ draw: Draw, endTokens: Set<Int32>) {
        tokens.append(draw.token)
        logProbabilities.append(draw.logProbability)
        ended = endTokens.contains(draw.token)
    }
}

/// How next tokens are drawn.
package struct Sampling: Sendable {
    /// The distribution of a token.
    package var rule: DrawRule
    /// A response has at most this many tokens, its end token included.
    package var maxNewTokens: Int
    /// A response ends with any of these; nil for the model's own end tokens.
    package var endTokens: Set<Int32>?

    package init(
        temperature: Double = 1, allowed: [Int32]? = nil, topK: Int? = nil, topP: Double = 1,
        maxNewTokens: Int, endTokens: Set<Int32>? = nil
    ) {
        rule = DrawRule(temperature: temperature, allowed: allowed, topK: topK, topP: topP)
        self.maxNewTokens = maxNewTokens
        self.endTokens = endTokens
    }
}
