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

/// What a rollout yields: one response, token by token, in segments.
package struct Trace: Sendable, Hashable {
    package let id: SampleID
    /// Token ids of all segments, [tokens], the end token included when it was sampled.
    package let tokens: [Int32]
    /// Log-probability of each sampled token under the distribution it was sampled from, [sampled tokens], natural log.
    package let logProbabilities: [Float]
    /// Where the tokens come from, in their order; neighbours differ.
    ///
    /// There is one, unless the rollout went on with newer weights or an environment's text stands in it.
    package let segments: [Segment]
    package let finish: Finish

    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], segments: [Segment], finish: Finish
    ) {
        self.id = id
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.segments = segments
        self.finish = finish
    }

    /// - Parameter version: of the policy that sampled every token.
    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], version: PolicyVersion, finish: Finish
    ) {
        self.init(
            id: id, tokens: tokens, logProbabilities: logProbabilities,
            segments: tokens.isEmpty ? [] : [.sampled(version, tokens: tokens.count)], finish: finish)
    }

    /// The number of tokens that policies sampled: the trace's length in every count.
    package var sampledCount: Int { segments.reduce(0) { $0 + $1.sampledCount } }

    /// The places of the sampled tokens, one range for each sampled segment.
    package var sampled: [Range<Int>] {
        var end = 0
        return segments.compactMap { segment in
            end += segment.tokens
            return segment.version == nil ? nil : end - segment.tokens..<end
        }
    }

    /// The oldest policy that sampled any of its tokens; the round's if it has no sampled token.
    package var version: PolicyVersion { segments.compactMap(\.version).min() ?? id.round.version }

    /// Whether more than one policy sampled its tokens.
    package var isContinued: Bool {
        let versions = segments.lazy.compactMap(\.version)
        return versions.contains { $0 != versions.first }
    }

    /// Optimizer steps between the policies of the sampled tokens and the one that learns from them, summed over these
    /// tokens.
    package var age: Int {
        segments.reduce(0) { sum, segment in
            sum + (segment.version.map { (id.round.step - $0.rawValue) * segment.tokens } ?? 0)
        }
    }
}
