package import Foundation
import ModelFiles
package import Reinforcement
package import Settings
import Torch
package import Transformers

/// Owns the policy's fp32 masters and its optimizer; belongs to one thread.
package final class Learner {
    package let model: Policy
    package let settings: RunConfiguration.Learning
    /// Optimizer steps of the run, those that had nothing to learn included.
    package private(set) var version: PolicyVersion
    private let optimizer: AdamW
    private let step: ShardedStep

    /// Computes with as many threads as are set for the calling thread.
    ///
    /// - Parameter temperature: of the rollouts that it learns from.
    package init(
        _ model: Policy, _ settings: RunConfiguration.Learning, temperature: Double = 1,
        version: PolicyVersion = PolicyVersion(0)
    ) throws {
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        self.model = model
        self.settings = settings
        self.version = version
        step = try ShardedStep(
            GRPOStep(settings, temperature: temperature), model, threads: TorchLibrary.threads())
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
    /// Without variance in any group there is no optimizer step; the version goes on all the same.
    package func learn(_ batch: TrainingBatch) throws -> StepReport {
        let rate = rate
        defer { version = version.next }
        guard !batch.rows.isEmpty else {
            return StepReport(loss: 0, gradientNorm: 0, rate: rate, mismatch: 0, entropy: 0, updated: false)
        }
        let (loss, mismatch, entropy) = try step.backward(batch)
        let norm = try optimizer.clipGradients(to: settings.gradientClip)
        guard norm.isFinite else {
            try optimizer.clearGradients()
            throw TorchError(
                operation: "learn",
                message: "the gradient of step \(version.rawValue) is not finite (loss \(loss)); "
                    + "lower learning.rate, or look at the rewards of this step in the run's database")
        }
        try optimizer.step(rate: rate)
        try optimizer.clearGradients()
        return StepReport(
            loss: loss, gradientNorm: norm, rate: rate, mismatch: mismatch, entropy: entropy, updated: true)
    }

    /// The learning rate of the next step: warmed up linearly, held, then halved every `halfLife` steps.
    package var rate: Double {
        let step = Double(version.rawValue)
        let warm = min(1, (step + 1) / Double(max(1, settings.warmup)))
        guard settings.halfLife > 0 else { return settings.rate * warm }
        return settings.rate * warm * exp2(-max(0, step - Double(settings.hold)) / Double(settings.halfLife))
    }

    private static let moments = (first: "first_moment.", second: "second_moment.")

    /// Writes the optimizer's moments as `optimizer.safetensors` into a folder.
    package func saveOptimizer(to folder: URL) throws {
        var tensors: [NamedTensor] = []
        for (index, parameter) in model.parameters.enumerated() {
            for (prefix, moment) in [
                (Self.moments.first, optimizer.firstMoments[index]),
                (Self.moments.second, optimizer.secondMoments[index]),
            ] {
                tensors += try parameter.split(moment).map { NamedTensor(prefix + $0.name, $0.tensor) }
            }
        }
        try SafetensorsWriter.write(
            tensors, metadata: ["steps": "\(optimizer.steps)", "version": "\(version.rawValue)"],
            to: folder.appendingPathComponent("optimizer.safetensors"))
    }

    /// Takes the moments of an `optimizer.safetensors`, bit for bit, and the version that goes with them.
    ///
    /// - Throws: `ModelError` when the file does not fit the model.
    package func restoreOptimizer(from folder: URL) throws {
        let path = folder.appendingPathComponent("optimizer.safetensors").path
        let file = try SafetensorsFile(path: path)
        guard let steps = file.header.metadata["steps"].flatMap(Int.init),
            let version = file.header.metadata["version"].flatMap(Int.init)
        else { throw ModelError(path: path, "does not say how many steps it has seen") }
        for (index, parameter) in model.parameters.enumerated() {
            for (prefix, moment) in [
                (Self.moments.first, optimizer.firstMoments[index]),
                (Self.moments.second, optimizer.secondMoments[index]),
            ] {
                for part in try parameter.split(moment) {
                    try part.tensor.copy(from: file.tensor(prefix + part.name))
                }
            }
        }
        optimizer.steps = steps
        self.version = PolicyVersion(version)
    }
}
