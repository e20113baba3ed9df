package import Foundation
package import Host
package import Settings

/// A checkpoint of a run from which a new run goes on.
///
/// The new run has an id, an audit key and a history of its own. It takes the policy, the optimizer's moments, the
/// place in the problems and the records up to the checkpoint with it. The source is only read.
package struct RunFork: Sendable, Hashable {
    package let source: RunDirectory
    /// Nil for the newest intact checkpoint.
    package let step: Int?

    package init(source: RunDirectory, step: Int?) {
        self.source = source
        self.step = step
    }

    /// The checkpoint, verified.
    ///
    /// - Throws: `MissingCheckpoint`, `NoUsableCheckpoint`, `FileError`.
    package func checkpoint() throws -> LoadedCheckpoint {
        let store = CheckpointStore(run: source, keep: 1)
        if let step { return try store.checkpoint(at: step) }
        guard let newest = try store.newest() else {
            throw RunDirectoryError(
                message: "\(source.root.path) has no checkpoint yet; let the run go on until it has saved one"
            )
        }
        return newest
    }

    /// - Throws: `RunDirectoryError`, since `run` is not new.
    package func refuse(_ run: RunDirectory) throws {
        throw RunDirectoryError(
            message:
                "\(run.root.path) is a run already; a fork needs a new folder: give another one with --run")
    }

    /// Copies the checkpoint and the records into the folder of the new run, which is a run afterwards.
    ///
    /// - Throws: `CheckpointWriteFailure`, `RunDatabaseError`, `FileError`.
    package func start(
        _ target: RunDirectory, _ configuration: RunConfiguration, record: ProblemRecord = ProblemRecord(),
        problems: Data?, now: Date,
        files: any FileOperations = Files()
    ) throws {
        let loaded = try checkpoint()
        let identity = RunIdentity(
            created: now,
            origin: RunIdentity.Origin(run: try source.readIdentity().id, step: loaded.state.step))
        var state = loaded.state
        state.run = identity.id
        try CheckpointStore(run: target, keep: configuration.checkpoint.keep, files: files).write(state) {
            try copy(loaded.checkpoint.directory, to: $0, files)
        }
        if FileManager.default.fileExists(atPath: source.database.path) {
            let records = try RunDatabase.openReadOnly(source)
            try records.copyHistory(to: target)
            try records.close()
        }
        if FileManager.default.fileExists(atPath: source.metrics.path) {
            try files.write(try Files.read(source.metrics.path, limit: 1 << 30), to: target.metrics.path)
        }
        try target.start(
            configuration, identity: identity, record: record, problems: problems, files: files)
    }

    /// Copies what belongs to the model and the learner; the store writes the state and the manifest itself.
    private func copy(_ checkpoint: URL, to target: URL, _ files: any FileOperations) throws {
        let found = try CheckpointManifest.paths(below: checkpoint.path)
        for folder in found.directories { try files.makeDirectory(target.appending(path: folder).path) }
        for file in found.files where file != Checkpoint.stateFile {
            let from = try OpenFile(checkpoint.appending(path: file).path, O_RDONLY)
            var to = try OpenFile(target.appending(path: file).path, O_WRONLY | O_CREAT | O_TRUNC)
            try from.chunks { (chunk) throws(FileError) in try to.write(chunk) }
            try to.close()
        }
    }
}
