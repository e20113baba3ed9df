package import Reinforcement
package import Settings
import Torch
package import Transformers

/// The loss of one step and its gradients, micro-batch by micro-batch.
package struct PolicyGradient: Sendable {
    /// What a step's backward pass found.
    package struct Report: Sendable, Hashable {
        /// The loss, before the update.
        package let loss: Double
        /// Mean of |log π_old − log π_behaviour| over the learned tokens, in nats: how far learner and workers differ.
        package let mismatch: Double
        /// Mean of −log π_old over the learned tokens, in nats: how undecided the policy is.
        package let entropy: Double
    }

    package let settings: LearningSettings
    package let objective: any Objective
    /// Divisor of the logits, the same as when the traces were sampled.
    package let temperature: Double

    package init(_ settings: LearningSettings, temperature: Double = 1) {
        self.settings = settings
        self.temperature = temperature
        objective = settings.makeObjective()
    }

    /// Adds the step's gradients to the model's leaves.
    ///
    /// With one update a step, π_old is the policy itself before the update: the same log-probabilities, without
    /// gradient.
    package func backward(_ batch: TrainingBatch, through model: Policy) throws -> Report {
        try withProducts(of: DType(settings.dtype)) {
            let texts = batch.rows.map {
                PromptedResponse(prompt: $0.prompt, response: $0.response, targets: $0.sampled)
            }
            var (loss, mismatch, entropy, tokens) = (0.0, 0.0, 0.0, 0)
            for part in MicroBatches.cut(texts, tokens: settings.microBatchTokens) {
                let packed = try PackedBatch(texts[part])
                let pass = settings.activationCheckpointing ? try CheckpointedPass(model, packed) : nil
                let logProbabilities = try model.logProbabilities(
                    packed, states: pass?.states() ?? model.hiddenStates(packed.ids, packed.layout),
                    temperature: temperature)
                let rows = try TokenRows(
                    batch.rows[part], logProbabilities: logProbabilities, old: logProbabilities.detached(),
                    tokenCount: batch.tokenCount)
                let term = try objective.loss(rows)
                try term.backward()
                try pass?.backward()
                loss += try term.item()
                for (new, then) in zip(try rows.old.floats(), batch.rows[part].lazy.flatMap(\.behaviour)) {
                    mismatch += Double(abs(new - then))
                    entropy -= Double(new)
                }
                tokens += rows.offsets.last ?? 0
            }
            let learned = Double(max(1, tokens))
            return Report(loss: loss, mismatch: mismatch / learned, entropy: entropy / learned)
        }
    }
}

extension LearningSettings {
    /// The objective that the settings choose.
    func makeObjective() -> any Objective {
        switch objective {
        case .grpo: GRPOObjective(clipLow: clipLow, clipHigh: clipHigh, importanceCap: importanceCap)
        }
    }
}
