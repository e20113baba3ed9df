package import Reinforcement
package import Torch

/// One sampled response.
package struct Completion: Sendable, Hashable {
    /// Token ids, [tokens], the end token included.
    package fileprivate(set) var tokens: [Int32] = []
    /// Log-probability (natural log) of each token under the distribution that it was sampled from, [tokens].
    package fileprivate(set) var logProbabilities: [Float] = []
    /// Whether an end token was sampled; false when the length limit cut the response.
    package fileprivate(set) var ended = false

    mutating func append(_ draw: Draw, endTokens: Set<Int32>) {
        tokens.append(draw.token)
        logProbabilities.append(draw.logProbability)
        ended = endTokens.contains(draw.token)
    }
}

extension Sampling {
    /// The distribution from which each token is drawn.
    package var rule: DrawRule {
        DrawRule(temperature: temperature, allowed: allowed, topK: topK, topP: topP)
    }
}

extension DType {
    /// The tensor type of a precision.
    package init(_ precision: Precision) {
        switch precision {
        case .fp32: self = .float32
        case .bf16: self = .bfloat16
        }
    }
}
