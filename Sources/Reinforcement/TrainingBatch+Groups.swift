extension TrainingBatch {
    /// The batch of one step: the rows of groups with variance, in the order of (problem, sample).
    ///
    /// `tokenCount` counts the tokens of every trace, so that the loss is the same whether groups without variance
    /// and excluded traces are left out or included with zero advantages.
    package init(groups: [LearnedGroup], advantage: GroupAdvantage) {
        var rows: [TrainingRow] = []
        var tokenCount = 0
        for group in groups.sorted(by: { $0.problem < $1.problem }) {
            tokenCount += group.traces.reduce(0) { $0 + $1.sampledCount }
            let traces = group.kept
            let rewards = traces.map(\.reward)
            guard GroupAdvantage.hasVariance(rewards) else { continue }
            for (trace, value) in zip(traces, advantage.advantages(of: rewards)) {
                rows.append(
                    TrainingRow(
                        prompt: group.prompt, response: trace.tokens, sampled: trace.segments.sampledRanges,
                        behaviour: trace.logProbabilities, advantage: Float(value)))
            }
        }
        self.init(rows: rows, tokenCount: tokenCount)
    }

    package init(groups: [TraceGroup], advantage: GroupAdvantage) {
        self.init(groups: groups.map { LearnedGroup($0) }, advantage: advantage)
    }
}
