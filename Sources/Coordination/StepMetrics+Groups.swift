import Episodes
import Foundation
import Learning
import Reasoning
import Reinforcement
import RunStore

extension StepMetrics {
    /// What a step's groups and its learning say.
    ///
    /// - Parameter coordinating: processor time of the coordinator's own work since the step before learned, in seconds.
    init(
        step: Int, epoch: UInt64, time: Double, seconds: Double, elapsed: Double, groups: [TraceGroup],
        rules: RolloutRules, report: StepReport, generation: Double, learning: Double, coordinating: Double
    ) {
        let traces = groups.flatMap(\.traces)
        let count = Double(max(1, traces.count))
        let thoughts = traces.compactMap { rules.scorer.format.thought(in: $0.response)?.count }
        self.init(
            step: step, epoch: epoch, time: time, seconds: seconds, elapsed: elapsed,
            reward: traces.reduce(0) { $0 + $1.reward.total } / count,
            format: Double(traces.count { rules.isInForm($0) }) / count,
            accuracy: Double(traces.count { $0.reward.verdict == .correct }) / count,
            thoughtLength: Double(thoughts.reduce(0, +)) / Double(max(1, thoughts.count)),
            groups: groups.count,
            silentGroups: groups.count { !$0.hasVariance }, traces: traces.count,
            truncated: traces.count { $0.trace.finish == .length },
            tokens: traces.reduce(0) { $0 + $1.trace.tokens.count },
            loss: report.updated ? report.loss : nil,
            gradientNorm: report.updated ? report.gradientNorm : nil,
            clipFraction: nil, learningRate: report.rate, generationSeconds: generation,
            learningSeconds: learning,
            extra: [
                "mismatch": report.mismatch, "entropy": report.entropy,
                "coordinatorSeconds": coordinating,
                // Optimizer steps between a token's policy and the one that learned from it: mean, and of the oldest.
                "staleness": Double(traces.reduce(0) { $0 + $1.trace.age })
                    / Double(max(1, traces.reduce(0) { $0 + $1.trace.tokens.count })),
                "oldest": Double(traces.map { step - 1 - $0.trace.version.rawValue }.max() ?? 0),
                // Traces that several policies sampled.
                "continued": Double(traces.count { $0.trace.policies.count > 1 }),
                // Mean share of the reward for the answer; above `accuracy` where answers are right in part.
                "credit": traces.reduce(0) { $0 + ($1.reward.verdict?.credit ?? 0) } / count,
                // Traces whose answer the verifier could not judge.
                "undecided": Double(traces.count { $0.reward.verdict == .undecided }),
            ])
    }
}

extension StepMetrics {
    /// What a person should know of a step's verdicts beyond right and wrong; empty when that is all there is.
    var verdictNotes: [String] {
        let credit = extra["credit"] ?? accuracy
        let undecided = Int(extra["undecided"] ?? 0)
        // Of a sum in another order the last digits may differ.
        return (abs(credit - accuracy) > 1e-9 ? [String(format: "credit %.1f %%", 100 * credit)] : [])
            + (undecided > 0 ? ["\(undecided) undecided"] : [])
    }
}
