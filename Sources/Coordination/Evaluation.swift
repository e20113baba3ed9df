import Episodes
import Foundation
import Reasoning
package import Reinforcement
package import RunStore

/// Measures a policy on held-out problems: one sample each, temperature 1, a fixed stream of random numbers.
///
/// In the form an answer counts only behind a thought; asked directly, only digits, minus and the end can be sampled.
package struct Evaluation: Sendable {
    let rules: RolloutRules

    /// What the traces of a measuring round say.
    package func record(_ groups: [TraceGroup], of version: PolicyVersion, _ purpose: Purpose, time: Double)
        -> EvaluationRecord
    {
        let all = groups.flatMap { group in
            group.traces.map { Measured(difficulty: group.problem.problem.difficulty, scored: $0, rules) }
        }
        var details = EvaluationRecord.Details()
        details.byDifficulty = Dictionary(grouping: all, by: \.difficulty).mapValues { part in
            var figures = EvaluationRecord.Figures()
            figures.accuracy = Self.share(part) { $0.isRight }
            figures.format = Self.share(part) { $0.isInForm }
            figures.thoughtLength = Self.length(part)
            return figures
        }
        details.credit = all.isEmpty ? 0 : all.reduce(0) { $0 + $1.credit } / Double(all.count)
        details.undecided = all.count { $0.isUndecided }
        details.tokens = all.reduce(0) { $0 + $1.tokens }
        return EvaluationRecord(
            version: version, purpose: purpose, time: time, problems: all.count,
            correct: all.count { $0.isRight }, formatted: all.count { $0.isInForm },
            thoughtLength: Self.length(all), details: details)
    }

    private struct Measured {
        let difficulty: Int
        let isRight: Bool
        let isInForm: Bool
        let credit: Double
        let isUndecided: Bool
        /// In characters; nil without a thought.
        let thought: Int?
        let tokens: Int

        init(difficulty: Int, scored: ScoredTrace, _ rules: RolloutRules) {
            self.difficulty = difficulty
            isRight = rules.isRight(scored)
            isInForm = rules.isInForm(scored)
            credit = scored.reward.verdict?.credit ?? 0
            isUndecided = scored.reward.verdict == .undecided
            thought = rules.scorer.format.thought(in: scored.response)?.count
            tokens = scored.trace.sampledCount
        }
    }

    private static func share(_ part: [Measured], _ holds: (Measured) -> Bool) -> Double {
        part.isEmpty ? 0 : Double(part.count(where: holds)) / Double(part.count)
    }

    /// Mean over the responses that have a thought.
    private static func length(_ part: [Measured]) -> Double {
        let thoughts = part.compactMap(\.thought)
        return thoughts.isEmpty ? 0 : Double(thoughts.reduce(0, +)) / Double(thoughts.count)
    }
}
