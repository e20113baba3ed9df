import Foundation
package import Reinforcement
package import Settings
import Torch
package import Transformers

/// What one step did.
package struct StepReport: Sendable, Hashable {
    /// The loss before the update.
    package let loss: Double
    /// Euclidean norm of all gradients before clipping.
    package let gradientNorm: Double
    /// The learning rate of the update.
    package let rate: Double
    /// Mean of |log π_old − log π_behaviour| over the learned tokens, in nats: how far learner and workers differ.
    package let mismatch: Double
    /// Mean of −log π_old over the learned tokens, in nats: how undecided the policy is.
    package let entropy: Double
    /// Whether the weights changed.
    ///
    /// There is nothing to learn when no group has variance.
    package let updated: Bool
}

/// Owns the policy's fp32 master weights and its optimizer; belongs to one thread.
package final class Learner {
    package let model: Policy
    package let settings: LearningSettings
    /// Steps of the run so far, those without an update included.
    package private(set) var version: PolicyVersion
    private let optimizer: AdamW
    private let step: ShardedStep

    /// Computes with the number of threads that is set for the calling thread.
    ///
    /// - Parameter temperature: the temperature of the rollouts to learn from.
    package init(
        _ model: Policy, _ settings: LearningSettings, temperature: Double = 1,
        version: PolicyVersion = PolicyVersion(0)
    ) throws {
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        self.model = model
        self.settings = settings
        self.version = version
        step = try ShardedStep(
            PolicyGradient(settings, temperature: temperature), model, threads: TorchLibrary.threads())
        guard settings.betas.count == 2 else {
            throw TorchError(
                operation: "adamw", message: "learning.betas has \(settings.betas.count) numbers, not 2")
        }
        optimizer = try AdamW(
            model.parameters.map(\.leaf),
            settings: .init(
                beta1: settings.betas[0], beta2: settings.betas[1], epsilon: settings.epsilon,
                weightDecay: settings.weightDecay))
    }

    /// Learns from one step's traces and moves to the next version.
    ///
    /// When no group has variance there is no update, but the version still advances.
    ///
    /// - Throws: `TorchError`, for example when the gradient is not finite. Weights, moments and version are
    ///   then as before, and the step may be learned again.
    package func learn(_ batch: TrainingBatch) throws -> StepReport {
        let rate = rate
        guard !batch.rows.isEmpty else {
            version = version.next
            return StepReport(loss: 0, gradientNorm: 0, rate: rate, mismatch: 0, entropy: 0, updated: false)
        }
        // Also clears what a failed step has left.
        try optimizer.clearGradients()
        let found = try step.backward(batch)
        let norm = try optimizer.clipGradients(to: settings.gradientClip)
        guard norm.isFinite else {
            throw TorchError(
                operation: "learn",
                message: "the gradient of step \(version.rawValue) is not finite (loss \(found.loss)); "
                    + "lower learning.rate, or look at the rewards of this step in the run's database")
        }
        try optimizer.step(rate: rate)
        try optimizer.clearGradients()
        version = version.next
        return StepReport(
            loss: found.loss, gradientNorm: norm, rate: rate, mismatch: found.mismatch,
            entropy: found.entropy, updated: true)
    }

    /// The loss of each row at the present weights, [rows]; weights, moments and version stay.
    ///
    /// The sum is the loss of the batch, up to rounding.
    package func losses(_ batch: TrainingBatch) throws -> [Double] {
        try batch.rows.map { row in
            try optimizer.clearGradients()
            let loss = try step.backward(TrainingBatch(rows: [row], tokenCount: batch.tokenCount)).loss
            try optimizer.clearGradients()
            return loss
        }
    }

    /// The learning rate of the next step: warmed up linearly, held, then halved every `halfLife` steps.
    package var rate: Double {
        let step = Double(version.rawValue)
        let warm = min(1, (step + 1) / Double(max(1, settings.warmup)))
        guard settings.halfLife > 0 else { return settings.rate * warm }
        return settings.rate * warm * exp2(-max(0, step - Double(settings.hold)) / Double(settings.halfLife))
    }

    /// The state of the optimizer.
    ///
    /// Its tensors share memory with the optimizer's, so they are valid until the next step.
    package func optimizerState() throws -> OptimizerState {
        OptimizerState(steps: optimizer.steps, version: version, moments: try moments())
    }

    /// Continues from a state, bit for bit, and from the version that belongs to it.
    ///
    /// - Throws: `ModelError` that names a missing moment; `TorchError` when a moment has another shape. The
    ///   learner must not be used afterwards.
    package func restore(_ state: OptimizerState) throws {
        let given = Dictionary(
            state.moments.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        for moment in try moments() {
            guard let tensor = given[moment.name] else {
                throw ModelError(
                    path: moment.name,
                    "is missing from the optimizer's state; does it belong to another model?")
            }
            try moment.tensor.copy(from: tensor)
        }
        optimizer.steps = state.steps
        version = state.version
    }

    /// Both moments of every tensor of the model, by name, as views of the optimizer's memory.
    private func moments() throws -> [NamedTensor] {
        try model.parameters.indices.flatMap { index in
            try [
                (OptimizerState.prefixes.first, optimizer.firstMoments[index]),
                (OptimizerState.prefixes.second, optimizer.secondMoments[index]),
            ].flatMap { prefix, moment in
                try model.parameters[index].split(moment).map { NamedTensor(prefix + $0.name, $0.tensor) }
            }
        }
    }
}
