import Foundation
package import Learning
package import ModelFiles
package import Reinforcement
package import RunStore
package import Settings
import StrictConfiguration
package import Torch

/// Owns the learner, on a thread of its own.
///
/// A batch goes in; a report or a copy of a version's bytes comes out. No tensor leaves it.
package actor LearnerHost {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let configuration: RunConfiguration
    private let companions: CompanionFiles
    private var learner: Learner?

    package init(
        _ configuration: RunConfiguration, model: ModelDirectory,
        executor: ThreadExecutor = ThreadExecutor(name: "ponder-learner")
    ) {
        self.configuration = configuration
        self.executor = executor
        companions = model.companions
    }

    /// Reads the weights, and the optimizer's state when a checkpoint is resumed.
    ///
    /// - Throws: `ModelError`, `TorchError`.
    package func open(_ model: ModelDirectory, resuming checkpoint: Checkpoint?) throws {
        try TorchLibrary.setThreads(configuration.threads.learner)
        let learner = try Learner(
            try model.load(), configuration.learning, temperature: configuration.rollout.temperature)
        if let checkpoint {
            try learner.restore(
                OptimizerFile.read(
                    from: checkpoint.directory.appending(path: Checkpoint.optimizerFile)
                        .deletingLastPathComponent()))
        }
        self.learner = learner
    }

    /// Makes one training step and raises the version by one.
    ///
    /// - Throws: `TorchError`.
    package func learn(_ batch: TrainingBatch) throws -> StepReport {
        // OpenMP keeps a thread count for each thread.
        try TorchLibrary.setThreads(configuration.threads.learner)
        return try opened().learn(batch)
    }

    /// A copy of the policy as it is published, with all its hashes.
    ///
    /// Memory: one copy of the weights in the rollouts' precision beside the learner's own (`PublishedPolicy`).
    ///
    /// - Throws: `TorchError`, `ModelError`.
    package func export() throws -> PublishedPolicy {
        let learner = try opened()
        return try PublishedPolicy(of: learner.model, learner.version, configuration.policy.dtype)
    }

    /// Saves the policy and the learner's state as the checkpoint of `state`.
    ///
    /// Memory: tensors are written one at a time, so this needs memory for a copy of the largest one, not of the model.
    ///
    /// - Throws: `CheckpointWriteFailure`, `CheckpointPruneFailure`; the run may continue after both.
    package func save(_ state: RunState, to store: CheckpointStore) throws {
        let learner = try opened()
        try store.write(state) { folder in
            try ModelDirectory.write(learner.model, companions, to: folder)
            let beside = folder.appending(path: Checkpoint.optimizerFile).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: beside, withIntermediateDirectories: true)
            try OptimizerFile.write(learner.optimizerState(), to: beside)
            try configuration.canonicalJSON.write(
                to: folder.appending(path: RunSession.configurationFile))
        }
    }

    private func opened() throws -> Learner {
        guard let learner else {
            throw TorchError(operation: "learn", message: "the learner was used before it was opened")
        }
        return learner
    }
}
