import Reasoning

/// What the learner uses of a group: its prompt, its traces and their rewards.
package struct LearnedGroup: Sendable, Hashable {
    /// The problem's place in the round.
    package let problem: Int
    /// Token ids of the prompt, [tokens].
    package let prompt: [Int32]
    /// In the order of their samples.
    package let traces: [LearnedTrace]

    package init(problem: Int, prompt: [Int32], traces: [LearnedTrace]) {
        self.problem = problem
        self.prompt = prompt
        self.traces = traces
    }

    package init(_ group: TraceGroup) {
        self.init(
            problem: group.problem.index, prompt: group.prompt,
            traces: group.traces.sorted { $0.trace.id.sample < $1.trace.id.sample }.map { scored in
                LearnedTrace(
                    sample: scored.trace.id.sample, tokens: scored.trace.tokens,
                    logProbabilities: scored.trace.logProbabilities, segments: scored.trace.segments,
                    reward: scored.reward.total, isExcluded: scored.reward.isExcluded)
            })
    }

    /// The traces that count for advantages and loss.
    var kept: [LearnedTrace] { traces.filter { !$0.isExcluded } }

    /// Whether the rewards of the traces that count differ, so that the learner can learn from them.
    package var isLearned: Bool { GroupAdvantage.hasVariance(kept.map(\.reward)) }
}

/// A trace of a `LearnedGroup`.
package struct LearnedTrace: Sendable, Hashable {
    package let sample: Int
    /// Token ids of all segments, [tokens].
    package let tokens: [Int32]
    /// Behaviour log-probability of each sampled token, [sampled tokens].
    package let logProbabilities: [Float]
    package let segments: [Segment]
    /// The sum of all rewards.
    package let reward: Double
    /// Whether the trace is left out of its group's advantages and of the loss.
    package let isExcluded: Bool

    package init(
        sample: Int, tokens: [Int32], logProbabilities: [Float], segments: [Segment], reward: Double,
        isExcluded: Bool
    ) {
        self.sample = sample
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.segments = segments
        self.reward = reward
        self.isExcluded = isExcluded
    }

    package var sampledCount: Int { segments.sampledCount }
}
