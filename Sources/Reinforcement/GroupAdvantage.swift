import Reasoning

/// What each trace of a group is worth against its siblings.
///
/// A group has variance when its exact rewards differ (`max != min`), decided before any subtraction: a group without
/// variance, and a group of one, get exact zeros, so no float residue can be blown up by a division.
///
///     GroupAdvantage.mean.advantages(of: [1.2, 0.2, 0.2, 0.2])   // [0.75, −0.25, −0.25, −0.25]
package enum GroupAdvantage: String, Sendable, Hashable, Codable, CaseIterable {
    /// r − mean (Dr. GRPO, arXiv 2503.20783).
    case mean
    /// (r − mean) / (s + 10⁻⁴) (GRPO, arXiv 2402.03300), s unbiased (n − 1) as in TRL, whose figures we compare with.
    case group
    /// r − mean of the others = r·n/(n−1) − mean·n/(n−1) (RLOO, arXiv 2402.14740).
    case leaveOneOut

    /// Added to the standard deviation by `group`.
    package static let epsilon = 1e-4

    /// One advantage a reward, in order; rewards must be finite, as every rule's are.
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

    /// Whether the rewards differ at all.
    package static func hasVariance(_ rewards: [Double]) -> Bool {
        guard let first = rewards.first else { return false }
        return rewards.contains { $0 != first }
    }
}

extension TraceGroup {
    package var rewards: [Double] { traces.map(\.reward.total) }

    /// Whether the group teaches anything.
    package var hasVariance: Bool { GroupAdvantage.hasVariance(rewards) }
}
