import Foundation
import Host

extension CheckpointStore {
    /// Hidden directories of a writer, by the work that the writer was doing.
    enum Leftover: CaseIterable {
        case writing, replaced, old

        var prefix: String {
            switch self {
            case .writing: ".writing-"
            case .replaced: ".replaced-"
            case .old: ".old-"
            }
        }

        /// Name prefix of a damaged checkpoint that was set aside for people to inspect.
        static let damaged = "damaged-"

        /// Name prefix of a checkpoint that is later than the one that the user chose to go on from.
        static let later = "later-"
    }

    /// Removes what killed writers left, and restores a checkpoint that was moved aside for one that was
    /// never finished.
    ///
    /// Call it once at the start, while holding the run's lock.
    ///
    /// - Returns: the names of the removed and restored directories.
    /// - Throws: `FileError`.
    @discardableResult
    package func removeLeftovers() throws -> [String] {
        var names: [String] = []
        for name in try entries().sorted() {
            guard let leftover = Leftover.allCases.first(where: { name.hasPrefix($0.prefix) }) else {
                continue
            }
            let path = directory.appending(path: name).path
            let final = directory.appending(path: String(name.dropFirst(leftover.prefix.count))).path
            if leftover == .replaced, !FileManager.default.fileExists(atPath: final) {
                try files.rename(path, to: final)
                try files.synchronize(directory.path)
            } else {
                try files.remove(path)
            }
            names.append(name)
        }
        let link = policy.path + ".writing"
        if (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != nil {
            try files.remove(link)
            names.append(policy.lastPathComponent + ".writing")
        }
        return names
    }

    /// Renames checkpoints that are later than `chosen` to `later-step-…`, and points `policy` at `chosen`.
    ///
    /// Each of them stays until its step is done again.
    ///
    /// - Throws: `FileError`.
    package func setAsideLater(than chosen: Checkpoint) throws {
        for later in try list() where later.step > chosen.step {
            let name = later.directory.lastPathComponent
            let target = directory.appending(path: Leftover.later + name)
            try files.remove(target.path)
            try files.rename(later.directory.path, to: target.path)
        }
        try files.synchronize(directory.path)
        try pointPolicy(at: "\(directory.lastPathComponent)/\(chosen.directory.lastPathComponent)")
    }

    /// Removes the checkpoints that were set aside as later ones, up to a step that is saved again.
    func removeLater(through step: Int) throws {
        for name in try entries() where name.hasPrefix(Leftover.later) {
            guard let later = Checkpoint.step(named: String(name.dropFirst(Leftover.later.count))),
                later <= step
            else { continue }
            try files.remove(directory.appending(path: name).path)
        }
    }

    /// Renames damaged checkpoints to `damaged-step-…`, so that their steps can be saved again.
    ///
    /// Each of them stays until its step is saved again.
    ///
    /// - Throws: `FileError`.
    package func setAside(_ skipped: [SkippedCheckpoint]) throws {
        for damaged in skipped.map(\.checkpoint.directory) {
            let target = directory.appending(path: Leftover.damaged + damaged.lastPathComponent)
            try files.remove(target.path)
            try files.rename(damaged.path, to: target.path)
        }
        if !skipped.isEmpty { try files.synchronize(directory.path) }
    }
}
