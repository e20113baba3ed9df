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

/// Tokens in a row that one policy sampled.
package struct PolicyRun: Sendable, Hashable {
    package let version: PolicyVersion
    /// How many, at least one.
    package let tokens: Int

    package init(version: PolicyVersion, tokens: Int) {
        self.version = version
        self.tokens = tokens
    }
}

/// What a rollout yields: one response of the policy, token by token.
package struct Trace: Sendable, Hashable {
    package let id: SampleID
    /// Response token ids, [tokens], the end token included when it was sampled.
    package let tokens: [Int32]
    /// Log-probability of each token under the distribution it was sampled from, [tokens], natural log.
    package let logProbabilities: [Float]
    /// Which policy sampled which tokens, in their order: one, unless the rollout went on with newer weights.
    package let policies: [PolicyRun]
    package let finish: Finish

    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], policies: [PolicyRun], finish: Finish
    ) {
        self.id = id
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.policies = policies
        self.finish = finish
    }

    /// - Parameter version: of the policy that sampled every token.
    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], version: PolicyVersion, finish: Finish
    ) {
        self.init(
            id: id, tokens: tokens, logProbabilities: logProbabilities,
            policies: tokens.isEmpty ? [] : [PolicyRun(version: version, tokens: tokens.count)],
            finish: finish)
    }

    /// The oldest policy that sampled any of its tokens; the round's where there are none.
    package var version: PolicyVersion { policies.map(\.version).min() ?? id.round.version }

    /// Optimizer steps between the policies of the tokens and the one that learns from them, [tokens] summed.
    package var age: Int {
        policies.reduce(0) { $0 + (id.round.step - $1.version.rawValue) * $1.tokens }
    }
}
