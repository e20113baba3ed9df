package import Reasoning
package import Reinforcement

/// A model's results on problems, with one sample of each.
package struct Measurement: Sendable, Hashable {
    /// Figures of all problems.
    package let all: Figures
    /// Figures of the problems of each difficulty.
    package let byDifficulty: [Int: Figures]

    package struct Figures: Sendable, Hashable {
        package let problems: Int
        /// Right answers in the right place: after a thought, unless the question was asked directly.
        package let right: Int
        /// Responses in the form; 0 when asked directly.
        package let inForm: Int
        /// Answers that the verifier could not judge.
        package let undecided: Int
        /// Tokens that the policy sampled.
        package let tokens: Int
        /// Mean share of the reward for the answer, 0 to 1; above `accuracy` if answers are partly right.
        package let credit: Double
        /// Mean length of a thought; nil when no trace has one.
        package let thoughtLength: Double?

        /// Share of right answers, 0 to 1.
        package var accuracy: Double { Double(right) / Double(max(1, problems)) }
        /// Share of responses in the form, 0 to 1.
        package var format: Double { Double(inForm) / Double(max(1, problems)) }

        fileprivate init(_ part: [Outcome]) {
            let thoughts = part.compactMap(\.thoughtLength)
            problems = part.count
            right = part.count { $0.scored.isRight }
            inForm = part.count { $0.scored.isInForm }
            undecided = part.count { $0.scored.reward.verdict == .undecided }
            tokens = part.reduce(0) { $0 + $1.scored.trace.sampledCount }
            credit =
                part.reduce(0) { $0 + ($1.scored.reward.verdict?.credit ?? 0) } / Double(max(1, part.count))
            thoughtLength = thoughts.isEmpty ? nil : Double(thoughts.reduce(0, +)) / Double(thoughts.count)
        }
    }

    fileprivate struct Outcome {
        let difficulty: Int
        let scored: ScoredTrace
        let thoughtLength: Int?
    }

    /// The figures of traces with their problems.
    ///
    /// Thoughts are measured in characters, in the form or not.
    package init(_ traces: [(problem: Problem, scored: ScoredTrace)]) {
        self.init(traces) { $0.thought?.count }
    }

    /// - Parameter thoughtLength: the length of a trace's thought; nil leaves it out of the mean.
    package init(
        _ traces: [(problem: Problem, scored: ScoredTrace)], thoughtLength: (ScoredTrace) throws -> Int?
    ) rethrows {
        let outcomes = try traces.map {
            Outcome(
                difficulty: $0.problem.difficulty, scored: $0.scored,
                thoughtLength: try thoughtLength($0.scored))
        }
        all = Figures(outcomes)
        byDifficulty = Dictionary(grouping: outcomes, by: \.difficulty).mapValues { Figures($0) }
    }
}
