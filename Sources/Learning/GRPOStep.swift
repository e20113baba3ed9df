// One step of Group Relative Policy Optimization (DeepSeekMath, arXiv 2402.03300), top to bottom.
//
// How it differs from the paper:
// - advantages are rewards minus the group's mean; dividing by the standard deviation is an option (Dr. GRPO, arXiv 2503.20783);
// - the loss is one mean over all response tokens of the step, not a mean of each response's mean (DAPO, arXiv 2503.14476),
//   and groups without variance count in it, so leaving their (zero) terms out changes nothing;
// - the upper clip is wider than the lower (DAPO's clip-higher), and there is no KL term;
// - what workers sampled from and what the learner computes differ by rounding, or by versions: each token's term is
//   weighted by w = min(π_old / π_behaviour, cap), without gradient (truncated importance sampling).
import Foundation
package import Reinforcement
package import Settings
package import Torch
package import Transformers

/// What one optimizer step did.
package struct StepReport: Sendable, Hashable {
    /// The loss before the update.
    package let loss: Double
    /// Euclidean norm of all gradients before clipping.
    package let gradientNorm: Double
    package let rate: Double
    /// Mean of |log π_old − log π_behaviour| over the tokens that were learned from, nats: how far learner and workers differ.
    package let mismatch: Double
    /// Mean of −log π_old over the same tokens, nats: how undecided the policy is.
    package let entropy: Double
    /// Whether weights changed: without variance anywhere there is nothing to learn.
    package let updated: Bool
}

/// The loss and its gradients over one `TrainingBatch`.
package struct GRPOStep: Sendable {
    package let settings: RunConfiguration.Learning

    /// What the logits were divided by when the traces were sampled, and are again.
    package let temperature: Double

    package init(_ settings: RunConfiguration.Learning, temperature: Double = 1) {
        self.settings = settings
        self.temperature = temperature
    }

    /// Adds the step's gradients to the model's leaves, micro-batch by micro-batch.
    ///
    /// With one update a step, π_old is the policy itself before the update: its log-probabilities without gradient.
    package func backward(_ batch: TrainingBatch, through model: Policy) throws -> (
        loss: Double, mismatch: Double, entropy: Double
    ) {
        try withProducts(of: settings.dtype == .bf16 ? .bfloat16 : .float32) {
            try backwardPass(batch, through: model)
        }
    }

    private func backwardPass(_ batch: TrainingBatch, through model: Policy) throws -> (
        loss: Double, mismatch: Double, entropy: Double
    ) {
        let rows = batch.rows.enumerated().map { index, row in
            MicroBatches.Row(prompt: row.prompt, response: row.response, index: index)
        }
        var (loss, mismatch, entropy, tokens) = (0.0, 0.0, 0.0, 0)
        for part in MicroBatches.cut(rows, tokens: settings.microBatchTokens) {
            let packed = try MicroBatches.packed(part)
            let behaviour = part.flatMap { batch.rows[$0.index].behaviour }
            let advantage = part.flatMap { row in
                [Float](repeating: batch.rows[row.index].advantage, count: row.response.count)
            }
            let pass = settings.activationCheckpointing ? try CheckpointedPass(model, packed) : nil
            let logProbabilities = try model.logProbabilities(
                packed, states: pass?.states() ?? model.hiddenStates(packed.ids, packed.layout),
                temperature: temperature)
            let old = try logProbabilities.detached()
            let term = try Self.loss(
                logProbabilities, old: old, behaviour: Tensor(behaviour, shape: [behaviour.count]),
                advantage: Tensor(advantage, shape: [advantage.count]), tokenCount: batch.tokenCount, settings
            )
            try term.backward()
            try pass?.backward()
            loss += try term.item()
            for (new, then) in zip(try old.floats(), behaviour) {
                mismatch += Double(abs(new - then))
                entropy -= Double(new)
            }
            tokens += behaviour.count
        }
        return (loss, mismatch / Double(max(1, tokens)), entropy / Double(max(1, tokens)))
    }

    /// − Σ w · min(ρ A, clip(ρ, 1 − ε_low, 1 + ε_high) A) / tokenCount, with ρ = π_θ / π_old.
    ///
    /// - Parameters:
    ///   - logProbabilities: log π_θ of each token, [tokens], with gradient.
    ///   - old: log π_old, [tokens], without gradient.
    ///   - behaviour: log-probability of each token when it was sampled, [tokens].
    ///   - advantage: of each token's trace, [tokens].
    ///   - tokenCount: response tokens of the whole step.
    /// - Returns: a scalar.
    package static func loss(
        _ logProbabilities: Tensor, old: Tensor, behaviour: Tensor, advantage: Tensor, tokenCount: Int,
        _ settings: RunConfiguration.Learning
    ) throws -> Tensor {
        let weight = try (old - behaviour).exp().clamped(0, settings.importanceCap)
        let ratio = try (logProbabilities - old).exp()
        let clipped = try ratio.clamped(1 - settings.clipLow, 1 + settings.clipHigh)
        let gain = try Tensor.minimum(ratio * advantage, clipped * advantage)
        return try (weight * gain).sum() * (-1 / Double(tokenCount))
    }
}
