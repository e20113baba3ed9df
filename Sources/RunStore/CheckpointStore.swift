package import Foundation
package import Host

/// Writes checkpoints so that a crash, a full disk or a damaged file never costs more than the newest one.
///
/// A checkpoint is written into a hidden directory beside its final place, made durable file by file, given a manifest,
/// and only then renamed into place. The `policy` link moves after that, and old checkpoints are removed last. So a
/// directory with a checkpoint's name was complete when it got the name. What happens to it later (a disk that loses data, a
/// person who edits) is found by the manifest when it is loaded. One process at a time may write: the holder of `RunLock`.
package struct CheckpointStore: Sendable {
    /// The folder `checkpoints` of a run.
    package let directory: URL
    /// The link that names the newest checkpoint.
    package let policy: URL
    /// How many are kept, at least 1.
    package let keep: Int
    let files: any FileOperations

    package init(run: RunDirectory, keep: Int, files: any FileOperations = Files()) {
        directory = run.checkpoints
        policy = run.policy
        self.keep = max(1, keep)
        self.files = files
    }

    /// Checkpoints by their names, newest first; their contents are not checked.
    package func list() throws -> [Checkpoint] {
        try entries().compactMap { name in
            Checkpoint.step(named: name).map {
                Checkpoint(step: $0, directory: directory.appending(path: name))
            }
        }.sorted { $0.step > $1.step }
    }

    /// The newest checkpoint whose files are all as they were written; nil when the run has no checkpoint.
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
