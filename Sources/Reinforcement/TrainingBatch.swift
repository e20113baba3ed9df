/// One trace in the form that the learner reads.
package struct TrainingRow: Sendable, Hashable {
    package let prompt: [Int32]
    /// Token ids of the response, [tokens].
    package let response: [Int32]
    /// Ranges of the sampled tokens in the response, in order; the loss masks the others.
    package let sampled: [Range<Int>]
    /// Behaviour log-probability of each sampled token, [sampled tokens].
    package let behaviour: [Float]
    /// The advantage of the trace, the same for each of its sampled tokens.
    package let advantage: Float

    /// - Parameter sampled: nil for the whole response.
    package init(
        prompt: [Int32], response: [Int32], sampled: [Range<Int>]? = nil, behaviour: [Float], advantage: Float
    ) {
        self.prompt = prompt
        self.response = response
        self.sampled = sampled ?? [response.indices]
        self.behaviour = behaviour
        self.advantage = advantage
    }
}

/// The input of one optimizer step: the traces that carry advantage, in the order of their ids.
package struct TrainingBatch: Sendable, Hashable {
    package let rows: [TrainingRow]
    /// Sampled tokens of the whole step, groups without variance included; the denominator of the loss.
    package let tokenCount: Int

    package init(rows: [TrainingRow], tokenCount: Int) {
        self.rows = rows
        self.tokenCount = tokenCount
    }
}
