import Reasoning

extension TrainingBatch {
    /// The batch of one step: the rows of groups with variance, in the order of (problem, sample).
    ///
    /// `tokenCount` counts the tokens of every trace, so that the loss is the same whether groups without variance
    /// and excluded traces are left out or included with zero advantages.
    package init(groups: [TraceGroup], advantage: GroupAdvantage) {
        var rows: [TrainingRow] = []
        var tokenCount = 0
        for group in groups.sorted(by: { $0.problem.index < $1.problem.index }) {
            tokenCount += group.traces.reduce(0) { $0 + $1.trace.sampledCount }
            let traces = group.kept.sorted { $0.trace.id.sample < $1.trace.id.sample }
            guard group.hasVariance else { continue }
            let advantages = advantage.advantages(of: traces.map(\.reward.total))
            for (scored, value) in zip(traces, advantages) {
                rows.append(
                    TrainingRow(
                        prompt: group.prompt, response: scored.trace.tokens, sampled: scored.trace.sampled,
                        behaviour: scored.trace.logProbabilities, advantage: Float(value)))
            }
        }
        self.init(rows: rows, tokenCount: tokenCount)
    }
}
