import Reasoning

/// The advantage of each trace within its group.
///
/// A group has variance when its exact rewards differ (`max != min`). This is decided before any subtraction:
/// a group without variance, or of one trace, gets exact zeros, so that no division can magnify a rounding
/// error.
///
///     GroupAdvantage.mean.advantages(of: [1.2, 0.2, 0.2, 0.2])   // [0.75, −0.25, −0.25, −0.25]
package enum GroupAdvantage: String, Sendable, Hashable, Codable, CaseIterable {
    /// r − mean (Dr. GRPO, arXiv 2503.20783).
    case mean
    /// (r − mean) / (s + 10⁻⁴) (GRPO, arXiv 2402.03300), with the unbiased (n − 1) standard deviation s, as
    /// in TRL.
    ///
    /// TRL's figures are the ones that Ponder's are compared with.
    case group
    /// r − mean of the other rewards = r·n/(n−1) − mean·n/(n−1) (RLOO, arXiv 2402.14740).
    case leaveOneOut

    /// The number that `group` adds to the standard deviation.
    package static let epsilon = 1e-4

    /// One advantage per reward, in the same order; rewards must be finite, as those of every rule are.
    package func advantages(of rewards: [Double]) -> [Double] {
        precondition(rewards.allSatisfy(\.isFinite), "a reward rule never yields \(rewards)")
        guard Self.hasVariance(rewards) else { return rewards.map { _ in 0 } }
        let count = Double(rewards.count)
        let mean = rewards.reduce(0, +) / count
        let centred = rewards.map { $0 - mean }
        switch self {
        case .mean:
            return centred
        case .group:
            let variance = centred.reduce(0) { $0 + $1 * $1 } / (count - 1)
            let scale = 1 / (variance.squareRoot() + Self.epsilon)
            return centred.map { $0 * scale }
        case .leaveOneOut:
            let scale = count / (count - 1)
            return centred.map { $0 * scale }
        }
    }

    /// Whether the rewards differ.
    package static func hasVariance(_ rewards: [Double]) -> Bool {
        guard let first = rewards.first else { return false }
        return rewards.contains { $0 != first }
    }
}

extension TraceGroup {
    /// The traces that count for advantages and loss.
    package var kept: [ScoredTrace] { traces.filter { !$0.reward.isExcluded } }

    /// The rewards of the traces that count.
    package var rewards: [Double] { kept.map(\.reward.total) }

    /// Whether the group's rewards differ, so that the learner can learn from it.
    package var hasVariance: Bool { GroupAdvantage.hasVariance(rewards) }
}
