package import Foundation
package import Host

/// Writes checkpoints so that a crash, a full disk or a damaged file costs at most the newest one.
///
/// A checkpoint is written into a hidden directory beside its final place, made durable file by file, given a
/// manifest, and only then renamed to its final name. Then the `policy` link moves, and old checkpoints are
/// removed last. So a directory with a checkpoint's name was complete when it got the name. Later damage (by
/// a disk or by a person) is detected with the manifest when the checkpoint is loaded. Only the holder of
/// `RunLock` may write.
package struct CheckpointStore: Sendable {
    /// The run's folder `checkpoints`.
    package let directory: URL
    /// The symbolic link to the newest checkpoint.
    package let policy: URL
    /// Number of checkpoints to keep, at least 1.
    package let keep: Int
    let files: any FileOperations

    package init(run: RunDirectory, keep: Int, files: any FileOperations = Files()) {
        directory = run.checkpoints
        policy = run.policy
        self.keep = max(1, keep)
        self.files = files
    }

    /// Checkpoints by name, newest first; their contents are not checked.
    package func list() throws -> [Checkpoint] {
        try entries().compactMap { name in
            Checkpoint.step(named: name).map {
                Checkpoint(step: $0, directory: directory.appending(path: name))
            }
        }.sorted { $0.step > $1.step }
    }

    /// The newest checkpoint whose files all match its manifest; nil when the run has no checkpoint.
    ///
    /// - Throws: `NoUsableCheckpoint` when all checkpoints are damaged.
    package func newest() throws -> LoadedCheckpoint? {
        var skipped: [SkippedCheckpoint] = []
        for checkpoint in try list() {
            do {
                let state = try verify(checkpoint)
                return LoadedCheckpoint(checkpoint: checkpoint, state: state, skipped: skipped)
            } catch {
                skipped.append(SkippedCheckpoint(checkpoint: checkpoint, reason: "\(error)"))
            }
        }
        guard skipped.isEmpty else { throw NoUsableCheckpoint(directory: directory, skipped: skipped) }
        return nil
    }

    /// The checkpoint of one step.
    ///
    /// - Throws: `MissingCheckpoint` when there is none or it is damaged.
    package func checkpoint(at step: Int) throws -> LoadedCheckpoint {
        let all = try list()
        guard let checkpoint = all.first(where: { $0.step == step }) else {
            throw MissingCheckpoint(directory: directory, step: step, steps: all.map(\.step), damage: nil)
        }
        do {
            return LoadedCheckpoint(checkpoint: checkpoint, state: try verify(checkpoint), skipped: [])
        } catch {
            throw MissingCheckpoint(
                directory: directory, step: step, steps: all.map(\.step).filter { $0 != step },
                damage: "\(error)")
        }
    }

    private func verify(_ checkpoint: Checkpoint) throws -> RunState {
        _ = try CheckpointManifest(verifying: checkpoint.directory.path, step: checkpoint.step)
        let data = try Files.read(checkpoint.directory.appending(path: Checkpoint.stateFile).path)
        let state: RunState
        do {
            state = try RecordCoding.decode(RunState.self, from: data)
        } catch {
            throw CheckpointManifest.Mismatch(
                description: "\(Checkpoint.stateFile) is not a run's state: \(error)")
        }
        guard state.step == checkpoint.step else {
            throw CheckpointManifest.Mismatch(description: "\(Checkpoint.stateFile) says step \(state.step)")
        }
        return state
    }

    func entries() throws -> [String] {
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory.path)
    }
}
