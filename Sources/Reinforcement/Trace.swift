/// Names one trace for ever: at most one trace of a sample enters an optimizer step.
package struct SampleID: Sendable, Hashable, Codable {
    package let round: RoundID
    /// Place of the problem in the round.
    package let problem: Int
    /// From 0 to G − 1.
    package let sample: Int

    package init(round: RoundID, problem: Int, sample: Int) {
        self.round = round
        self.problem = problem
        self.sample = sample
    }
}

/// Why a trace ends.
package enum Finish: String, Sendable, Hashable, Codable {
    /// The policy sampled the end token, which is the trace's last.
    case end
    /// The limit of new tokens was reached.
    case length
}

/// What a rollout yields: one response of the policy, token by token.
package struct Trace: Sendable, Hashable {
    package let id: SampleID
    /// Response token ids, [tokens], the end token included when it was sampled.
    package let tokens: [Int32]
    /// Log-probability of each token under the distribution it was sampled from, [tokens], natural log.
    package let logProbabilities: [Float]
    /// The policy that sampled every token.
    package let version: PolicyVersion
    package let finish: Finish

    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], version: PolicyVersion, finish: Finish
    ) {
        self.id = id
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.version = version
        self.finish = finish
    }
}
