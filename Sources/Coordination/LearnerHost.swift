import Foundation
import Host
package import Learning
package import ModelFiles
package import Reinforcement
package import RunStore
package import Settings
import StrictConfiguration
package import Torch

/// Owns the learner, on its own thread.
///
/// It takes batches, and returns reports and copies of a version's bytes. No tensor leaves it.
package actor LearnerHost {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private var configuration: RunConfiguration
    private let companions: CompanionFiles
    /// The type of the weights in checkpoints: the model's own.
    private var storage = DType.float32
    private var learner: Learner?

    package init(
        _ configuration: RunConfiguration, model: ModelDirectory,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-learner")
    ) {
        self.configuration = configuration
        self.executor = executor
        companions = model.companions
    }

    /// Reads the weights, and the optimizer's state when a run resumes.
    ///
    /// - Throws: `ModelError`, `TorchError`.
    package func open(_ model: ModelDirectory, resuming checkpoint: Checkpoint?) throws {
        try TorchLibrary.setThreads(configuration.threads.learner)
        // The embedded base is kept in bf16 only to be small.
        if configuration.policy.model != PolicySettings.embedded { storage = try model.storage() }
        let learner = try Learner(
            try model.load(masters: checkpoint != nil), configuration.learning,
            temperature: configuration.rollout.temperature)
        if let checkpoint { try learner.restore(OptimizerFile.read(from: checkpoint.learner)) }
        self.learner = learner
    }

    /// Makes one training step and raises the version by one.
    ///
    /// - Throws: `TorchError`.
    package func learn(_ batch: TrainingBatch) throws -> StepReport {
        // OpenMP keeps a thread count per thread.
        try TorchLibrary.setThreads(configuration.threads.learner)
        return try opened().learn(batch)
    }

    /// The loss of each row of a batch at the present weights, [rows]; their sum is the loss of the batch.
    ///
    /// - Throws: `TorchError`.
    package func losses(_ batch: TrainingBatch) throws -> [Double] {
        try TorchLibrary.setThreads(configuration.threads.learner)
        return try opened().losses(batch)
    }

    /// Goes on with other settings, as a run does that was resumed with changes.
    ///
    /// - Throws: `TorchError`, `ModelError`.
    package func change(to configuration: RunConfiguration) throws {
        let old = try opened()
        try TorchLibrary.setThreads(configuration.threads.learner)
        let learner = try Learner(
            old.model, configuration.learning, temperature: configuration.rollout.temperature)
        try learner.restore(old.optimizerState())
        self.configuration = configuration
        self.learner = learner
    }

    /// A copy of the policy for publication, with all its hashes.
    ///
    /// Memory: one copy of the weights in the precision of the rollouts, besides the learner's own
    /// (`PublishedPolicy`).
    ///
    /// - Throws: `TorchError`, `ModelError`.
    package func export() throws -> PublishedPolicy {
        let learner = try opened()
        return try PublishedPolicy(of: learner.model, learner.version, configuration.policy.dtype)
    }

    /// Saves the policy and the learner's state as the checkpoint of `state`.
    ///
    /// The policy is saved in the model's own type; where that rounds it, the fp32 masters are saved beside the
    /// optimizer's state.
    ///
    /// Memory: a copy of the largest tensor, because tensors are written one at a time.
    ///
    /// - Throws: `CheckpointWriteFailure`, `CheckpointPruneFailure`; the run may continue after either.
    package func save(_ state: RunState, to store: CheckpointStore) throws {
        let learner = try opened()
        try store.write(state) { folder in
            try ModelDirectory.write(learner.model, companions, dtype: storage, to: folder)
            let beside = folder.appending(path: Checkpoint.optimizerFile).deletingLastPathComponent()
            let files = Files()
            try files.makeDirectory(beside.path)
            if storage != .float32 { try ModelDirectory.writeMasters(learner.model, to: folder) }
            try OptimizerFile.write(learner.optimizerState(), to: beside)
            try files.write(
                configuration.canonicalJSON, to: folder.appending(path: RunSession.configurationFile).path)
        }
    }

    private func opened() throws -> Learner {
        guard let learner else {
            throw TorchError(operation: "learn", message: "the learner was used before it was opened")
        }
        return learner
    }
}
