import Foundation
package import Learning
import ModelFiles
package import Reinforcement
package import RunStore
import Settings
import StrictConfiguration
import WeightTransfer

/// Computes the weights of a run again, from what its steps learned from.
///
/// No trace is generated: each step's recorded groups enter the learner in their order, with the configuration that held
/// at that step. So a run with staleness, or one whose processes were killed, gives the same bits as it did.
package struct RunReplay: Sendable {
    /// The step whose weights the replay begins with; 0 for the base model.
    package let start: Int
    /// The last step to compute.
    package let end: Int
    /// The SHA-256 of the weights after `end` according to the checkpoint of that step; nil without an intact one.
    package let recorded: String?
    /// Why there is nothing to compare with; nil when there is.
    package let unrecorded: String?
    private let run: RunDirectory
    private let checkpoint: Checkpoint?
    private let database: RunDatabase

    /// - Parameters:
    ///   - start: 0 for the base model, or the step of a kept checkpoint.
    ///   - end: nil for the newest recorded step.
    /// - Throws: `NothingToReplay`, `MissingCheckpoint`, `RunDatabaseError`.
    package init(_ run: RunDirectory, from start: Int = 0, to end: Int? = nil) throws {
        self.run = run
        self.start = start
        database = try RunDatabase.openReadOnly(run)
        let steps = try database.learnedSteps()
        let (known, newest) = (Set(steps), steps.last ?? 0)
        let end = end ?? newest
        self.end = end
        let store = CheckpointStore(run: run, keep: 1)
        let kept = try store.list().map(\.step).sorted()
        let last = min(newest, end)
        func missing(after start: Int) -> [Int] {
            start < last ? (start + 1...last).filter { !known.contains($0) } : []
        }
        guard start < end, end <= newest, missing(after: start).isEmpty else {
            throw NothingToReplay(
                run: run.root.path, start: start, end: end, newest: newest, missing: missing(after: start),
                starts: kept.filter { $0 < last && missing(after: $0).isEmpty })
        }
        checkpoint = start == 0 ? nil : try store.checkpoint(at: start).checkpoint
        do {
            (recorded, unrecorded) = (try store.checkpoint(at: end).state.policySHA256, nil)
        } catch let error as MissingCheckpoint {
            (recorded, unrecorded) = (nil, "\(error)")
        }
    }

    /// One step that was computed again.
    package struct Step: Sendable {
        package let step: Int
        package let groups: [LearnedGroup]
        package let batch: TrainingBatch
        package let report: StepReport
        /// The loss of each row of the batch before the update, [rows]; empty unless it was asked for.
        package let losses: [Double]
    }

    /// Computes all steps.
    ///
    /// - Parameters:
    ///   - detailed: the step whose losses are computed for each row.
    ///   - done: called after each step.
    /// - Returns: the SHA-256 of the fp32 master weights after the last step.
    /// - Throws: `ModelError`, `TorchError`, `ConfigurationError`, `PackedStep.Damage`, `RunDatabaseError`.
    package func callAsFunction(detailed: Int? = nil, _ done: (Step) throws -> Void) async throws -> String {
        var learned = try recordedStep(start + 1)
        var configuration = try configuration(of: learned)
        let model =
            if let checkpoint {
                try ModelDirectory(path: checkpoint.directory.path)
            } else {
                try RunSession.base(&configuration)
            }
        let host = LearnerHost(configuration, model: model)
        try await host.open(model, resuming: checkpoint)
        for step in start + 1...end {
            let former = learned.configuration
            learned = try recordedStep(step)
            if learned.configuration != former {
                configuration = try self.configuration(of: learned)
                try await host.change(to: configuration)
            }
            let groups = try learned.packed.groups()
            let batch = TrainingBatch(groups: groups, advantage: configuration.learning.advantage)
            let losses = step == detailed ? try await host.losses(batch) : []
            let report = try await host.learn(batch)
            try done(Step(step: step, groups: groups, batch: batch, report: report, losses: losses))
        }
        return try await host.export().manifest.policyHash
    }

    private func recordedStep(_ step: Int) throws -> LearnedStep {
        guard let learned = try database.learned(step: step) else {
            throw NothingToReplay(
                run: run.root.path, start: start, end: end, newest: end, missing: [step], starts: [])
        }
        return learned
    }

    private func configuration(of learned: LearnedStep) throws -> RunConfiguration {
        try RunConfiguration(
            json: Data(learned.configuration.utf8),
            source: "\(run.database.path), the configuration of step \(learned.step)", isSaved: true)
    }
}

/// A run whose records do not have every step that a replay needs.
package struct NothingToReplay: Error, Sendable, Hashable, CustomStringConvertible {
    package let run: String
    package let start: Int
    package let end: Int
    /// The newest recorded step; 0 when none is.
    package let newest: Int
    /// The steps up to it that are wanted and not recorded.
    package let missing: [Int]
    /// Checkpoints from which every later step is recorded.
    package let starts: [Int]

    package var description: String {
        guard let first = missing.first, let last = missing.last else {
            return newest == 0
                ? "\(run) has no step that can be replayed: records.replay was false, or an older Ponder made the run"
                : "\(run): steps \(start + 1) to \(end) cannot be replayed; its records end with step \(newest)"
        }
        let steps =
            missing.count == 1
            ? "step \(first) is" : "\(missing.count) steps between \(first) and \(last) are"
        let remedy =
            starts.isEmpty
            ? "no kept checkpoint has all later steps either"
            : "give --from-step \(starts.max() ?? 0), a checkpoint after which every step is recorded"
        return
            "\(run): \(steps) not in its records: records.replay was false, or retention has removed them; \(remedy)"
    }
}
