// The loss of Group Relative Policy Optimization (DeepSeekMath, arXiv 2402.03300).
//
//     L = − Σ w · min(ρ A, clip(ρ, 1 − ε_low, 1 + ε_high) A) / T      over all sampled tokens of the step, with
//     ρ = π_θ / π_old,    w = min(π_old / π_behaviour, cap) without gradient,    T = the step's sampled tokens
//
// How it differs from the paper:
// - advantages A are rewards minus the group's mean; dividing by the standard deviation is an option (Dr. GRPO, arXiv
//   2503.20783);
// - the loss is one mean over all sampled tokens of the step, not a mean of each response's mean (DAPO, arXiv
//   2503.14476). Groups without variance count in T, so leaving out their terms, which are zero, changes nothing;
// - the upper clip is wider than the lower one (DAPO's clip-higher), and there is no KL term;
// - π_behaviour, from which workers sampled, and π_old, which the learner computes, differ by rounding or by versions:
//   w corrects for that (truncated importance sampling).
//
// With one update a step, π_old is π_θ before the update: ρ is 1, the clip has no effect, and w is the only correction.
package import Torch

package struct GRPOObjective: Objective, Hashable {
    /// Bounds of the ratio ρ: it counts from 1 − clipLow to 1 + clipHigh.
    package let clipLow, clipHigh: Double
    /// The largest importance weight w.
    package let importanceCap: Double

    package init(clipLow: Double, clipHigh: Double, importanceCap: Double) {
        self.clipLow = clipLow
        self.clipHigh = clipHigh
        self.importanceCap = importanceCap
    }

    package func loss(_ rows: TokenRows) throws -> Tensor {
        let weight = try (rows.old - rows.behaviour).exp().clamped(0, importanceCap)
        let ratio = try (rows.logProbabilities - rows.old).exp()
        let clipped = try ratio.clamped(1 - clipLow, 1 + clipHigh)
        let gain = try Tensor.minimum(ratio * rows.advantage, clipped * rows.advantage)
        return try (weight * gain).sum() * (-1 / Double(rows.tokenCount))
    }
}
