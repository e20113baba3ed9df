package import Foundation
import Host

/// A checkpoint could not be written; earlier checkpoints are unchanged.
package struct CheckpointWriteFailure: Error, Sendable, CustomStringConvertible {
    package let step: Int
    /// The error of the disk, or of the writer of the contents.
    package let cause: any Error

    /// Whether the remedy is to free space.
    package var isDiskFull: Bool { (cause as? FileError)?.isDiskFull ?? false }

    package var description: String {
        "checkpoint of step \(step) was not written: \(cause); earlier checkpoints are kept, the next step retries"
    }
}

extension CheckpointStore {
    /// Saves a step durably, moves the `policy` link to it, then removes checkpoints beyond `keep`.
    ///
    /// After it returns, the checkpoint survives a power failure.
    ///
    /// - Parameter contents: writes the model's and the learner's files into the given directory only; it
    ///   need not synchronize them.
    /// - Throws: `CheckpointWriteFailure` when nothing was saved, `CheckpointPruneFailure` when the
    ///   checkpoint was saved and an old one could not be removed. The run may continue after either.
    @discardableResult
    package func write(_ state: RunState, contents: (URL) throws -> Void) throws -> Checkpoint {
        let name = Checkpoint.name(of: state.step)
        let final = directory.appending(path: name)
        let staging = directory.appending(path: Leftover.writing.prefix + name)
        do {
            try makeDirectory()
            // A killed writer may have left this directory.
            try files.remove(staging.path)
            try files.makeDirectory(staging.path)
            try contents(staging)
            try files.write(
                RecordCoding.encode(state, pretty: true),
                to: staging.appending(path: Checkpoint.stateFile).path)
            try seal(staging, step: state.step)
            try moveIntoPlace(staging, final)
            try pointPolicy(at: "\(directory.lastPathComponent)/\(name)")
        } catch {
            // This frees the space at once; `removeLeftovers` tries again at the next start.
            try? files.remove(staging.path)
            throw CheckpointWriteFailure(step: state.step, cause: error)
        }
        let checkpoint = Checkpoint(step: state.step, directory: final)
        try prune(after: checkpoint)
        return checkpoint
    }

    private func makeDirectory() throws {
        guard !FileManager.default.fileExists(atPath: directory.path) else { return }
        try files.makeDirectory(directory.path)
        try files.synchronize(directory.deletingLastPathComponent().path)
    }

    /// Makes everything in `staging` durable, then writes the manifest.
    private func seal(_ staging: URL, step: Int) throws {
        let found = try CheckpointManifest.paths(below: staging.path)
        for path in found.files + found.directories.reversed() {
            try files.synchronize(staging.appending(path: path).path)
        }
        try files.synchronize(staging.path)
        let manifest = try CheckpointManifest(of: staging.path, step: step)
        let path = staging.appending(path: Checkpoint.manifestFile).path
        try files.write(try RecordCoding.encode(manifest, pretty: true), to: path)
        try files.synchronize(path)
        try files.synchronize(staging.path)
    }

    private func moveIntoPlace(_ staging: URL, _ final: URL) throws {
        guard FileManager.default.fileExists(atPath: final.path) else {
            try files.rename(staging.path, to: final.path)
            return try files.synchronize(directory.path)
        }
        // A directory cannot be replaced in one step. If the process is killed in between, the old checkpoint
        // stays under a hidden name, and `removeLeftovers` restores it.
        let aside = directory.appending(path: Leftover.replaced.prefix + final.lastPathComponent)
        try files.remove(aside.path)
        try files.rename(final.path, to: aside.path)
        do {
            try files.rename(staging.path, to: final.path)
        } catch {
            try files.rename(aside.path, to: final.path)
            throw error
        }
        try files.synchronize(directory.path)
        try files.remove(aside.path)
    }

    func pointPolicy(at target: String) throws {
        let temporary = policy.path + ".writing"
        try files.remove(temporary)
        try files.link(temporary, to: target)
        try files.rename(temporary, to: policy.path)
        try files.synchronize(policy.deletingLastPathComponent().path)
    }

    /// Keeps the `keep` newest checkpoints up to `checkpoint`, which was just written and so is intact;
    /// removes older ones.
    ///
    /// Checkpoints of later steps are damaged leftovers of an earlier attempt; they are neither counted nor
    /// removed.
    private func prune(after checkpoint: Checkpoint) throws {
        do {
            for old in try list().filter({ $0.step <= checkpoint.step }).dropFirst(keep) {
                // Hidden first, so that a kill half-way leaves no partial checkpoint under a checkpoint's
                // name.
                let hidden = directory.appending(path: Leftover.old.prefix + old.directory.lastPathComponent)
                try files.remove(hidden.path)
                try files.rename(old.directory.path, to: hidden.path)
                try files.remove(hidden.path)
            }
            try removeLater(through: checkpoint.step)
            try files.remove(
                directory.appending(path: Leftover.damaged + checkpoint.directory.lastPathComponent).path)
        } catch {
            throw CheckpointPruneFailure(checkpoint: checkpoint, cause: error)
        }
    }
}

/// The checkpoint was saved, but an old one could not be removed.
package struct CheckpointPruneFailure: Error, Sendable, CustomStringConvertible {
    /// The saved checkpoint, which is durable and in use.
    package let checkpoint: Checkpoint
    package let cause: any Error

    package var description: String {
        "checkpoint of step \(checkpoint.step) is written, but an old one could not be removed: \(cause)"
    }
}
