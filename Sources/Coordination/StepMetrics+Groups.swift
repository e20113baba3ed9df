import Foundation
import Learning
import Reasoning
import Reinforcement
import RunStore

extension StepMetrics {
    /// Adds the figures of a step's groups.
    mutating func measure(_ measured: [TraceGroup]) {
        let all = measured.flatMap(\.traces)
        let count = Double(max(1, all.count))
        let thoughts = all.compactMap(\.thought)
        groups = measured.count
        silentGroups = measured.count { !$0.hasVariance }
        traces = all.count
        tokens = all.reduce(0) { $0 + $1.trace.sampledCount }
        truncated = all.count { $0.trace.finish == .length }
        continued = all.count { $0.trace.isContinued }
        staleness = Double(all.reduce(0) { $0 + $1.trace.age }) / Double(max(1, tokens))
        maxStaleness = all.map { step - 1 - $0.trace.version.rawValue }.max() ?? 0
        reward = all.reduce(0) { $0 + $1.reward.total } / count
        format = Double(all.count { $0.isInForm }) / count
        accuracy = Double(all.count { $0.reward.verdict == .correct }) / count
        credit = all.reduce(0) { $0 + ($1.reward.verdict?.credit ?? 0) } / count
        undecided = all.count { $0.reward.verdict == .undecided }
        let left = all.count { $0.reward.isExcluded }
        excluded = left > 0 ? left : nil
        rewards = Self.means(all)
        thoughtLength = Double(thoughts.reduce(0) { $0 + $1.count }) / Double(max(1, thoughts.count))
        let formed = all.filter(\.isInForm)
        thoughtAccuracy = formed.isEmpty ? nil : Double(formed.count(where: \.isRight)) / Double(formed.count)
        guard !thoughts.isEmpty else { return }
        let found = thoughts.map(SelfChecks.init(in:))
        selfChecks = Double(found.reduce(0) { $0 + $1.checks }) / Double(found.count)
        restarts = Double(found.reduce(0) { $0 + $1.restarts }) / Double(found.count)
    }

    /// The mean credit of each further reward; nil when there is none.
    private static func means(_ traces: [ScoredTrace]) -> [String: Double]? {
        var sums: [String: Double] = [:]
        for part in traces.lazy.flatMap(\.reward.further) {
            sums[part.name, default: 0] += part.verdict?.credit ?? 0
        }
        return sums.isEmpty ? nil : sums.mapValues { $0 / Double(traces.count) }
    }

    /// Adds the figures of the learner's report.
    mutating func measure(_ report: StepReport) {
        loss = report.updated ? report.loss : nil
        gradientNorm = report.updated ? report.gradientNorm : nil
        learningRate = report.rate
        mismatch = report.mismatch
        entropy = report.entropy
    }
}
