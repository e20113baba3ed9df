/// Identifies one trace of a run: at most one trace per sample enters an optimizer step.
package struct SampleID: Sendable, Hashable, Codable {
    package let round: RoundID
    /// Index of the problem in the round.
    package let problem: Int
    /// Number of the sample, 0 to G − 1.
    package let sample: Int

    package init(round: RoundID, problem: Int, sample: Int) {
        self.round = round
        self.problem = problem
        self.sample = sample
    }
}

/// Why a trace ends.
package enum Finish: String, Sendable, Hashable, Codable {
    /// The policy sampled the end token, which is the trace's last token.
    case end
    /// The response reached the limit of new tokens.
    case length
}

/// The result of a rollout: one response, token by token, in segments.
package struct Trace: Sendable, Hashable {
    package let id: SampleID
    /// Token ids of all segments, [tokens], the end token included when it was sampled.
    package let tokens: [Int32]
    /// Log-probability of each sampled token under the distribution it was sampled from, [sampled tokens], natural log.
    package let logProbabilities: [Float]
    /// The origins of the tokens, in order; neighbouring segments differ in origin.
    ///
    /// A trace has one segment, unless the rollout continued with newer weights or an environment added text.
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

    /// - Parameter version: the policy that sampled every token.
    package init(
        id: SampleID, tokens: [Int32], logProbabilities: [Float], version: PolicyVersion, finish: Finish
    ) {
        self.init(
            id: id, tokens: tokens, logProbabilities: logProbabilities,
            segments: tokens.isEmpty ? [] : [.sampled(version, tokens: tokens.count)], finish: finish)
    }

    /// The number of sampled tokens, which every count uses as the trace's length.
    package var sampledCount: Int { segments.sampledCount }

    /// The ranges of the sampled tokens, one per sampled segment.
    package var sampled: [Range<Int>] { segments.sampledRanges }

    /// The oldest policy that sampled a token of the trace; the round's version when no token is sampled.
    package var version: PolicyVersion { segments.compactMap(\.version).min() ?? id.round.version }

    /// Whether several policies sampled its tokens.
    package var isContinued: Bool {
        let versions = segments.lazy.compactMap(\.version)
        return versions.contains { $0 != versions.first }
    }

    /// The trace's age in optimizer steps, summed over its sampled tokens.
    ///
    /// A token's age is the number of steps from the policy that sampled it to the one that learns from it.
    package var age: Int {
        segments.reduce(0) { sum, segment in
            sum + (segment.version.map { (id.round.step - $0.rawValue) * segment.tokens } ?? 0)
        }
    }
}
