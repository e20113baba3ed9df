package import Foundation
package import Host
import Reasoning
package import Settings

/// The folder of a run: it can be moved, and read without Ponder.
///
///     runs/2026-11-24-bills/
///       run.json             `RunIdentity`: who this run is
///       config.yaml          the effective configuration
///       problems.json        `ProblemRecord`: which problems the run has
///       problems.jsonl       what the program of source external wrote at the run's start
///       audit.key            `AuditKey`: which traces are computed again; never leaves the folder
///       run.sqlite           `RunDatabase`
///       metrics.jsonl        `MetricsFile`
///       tensorboard/         `TensorBoardFile`
///       checkpoints/         `CheckpointStore`
///       policy               link to the newest checkpoint
///       logs/                standard error of the workers
///       launch/              scripts, logs and address of a run under Slurm
///       run.lock, epoch      `RunLock`
///
/// The order at the start is `prepare`, then `RunLock.acquire`, then `start` for a new run or
/// `configuration()` for an existing one. A folder counts as a run once it contains `config.yaml`.
package struct RunDirectory: Sendable, Hashable {
    package let root: URL

    package init(root: URL) { self.root = root.standardizedFileURL }

    package var identity: URL { root.appending(path: "run.json") }
    package var configurationFile: URL { root.appending(path: "config.yaml") }
    package var problems: URL { root.appending(path: "problems.jsonl") }
    var problemRecordFile: URL { root.appending(path: "problems.json") }
    package var database: URL { root.appending(path: "run.sqlite") }
    package var metrics: URL { root.appending(path: "metrics.jsonl") }
    package var tensorboard: URL { root.appending(path: "tensorboard") }
    package var checkpoints: URL { root.appending(path: "checkpoints") }
    package var policy: URL { root.appending(path: "policy") }
    package var logs: URL { root.appending(path: "logs") }
    var auditKey: URL { root.appending(path: "audit.key") }
    /// Files of `ponder launch`, which may be there before the run begins.
    var launch: URL { root.appending(path: "launch") }
    var lock: URL { root.appending(path: "run.lock") }
    /// The file with the number of the coordinator's last incarnation, as text.
    var incarnation: URL { root.appending(path: "epoch") }

    /// The log of a local worker; numbers start at 1.
    package func log(ofWorker number: Int) -> URL { logs.appending(path: "worker-\(number).log") }

    /// Whether a run was started in the folder.
    package var isRun: Bool { FileManager.default.fileExists(atPath: configurationFile.path) }
}

/// A folder that cannot be a run's folder.
package struct RunDirectoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and the remedy.
    package let message: String
    package var description: String { message }
}

extension RunDirectory {
    /// Creates a new folder `parent/<date>-<source>`, with the suffix `-2`, `-3` … when that name is taken.
    ///
    /// - Parameter date: in the form `2026-11-24`.
    /// - Throws: `FileError`.
    package static func make(
        in parent: URL = URL(filePath: "runs"), date: String, source: String,
        files: any FileOperations = Files()
    ) throws -> RunDirectory {
        try makePath(parent, files)
        for number in 1...10_000 {
            let name = number == 1 ? "\(date)-\(source)" : "\(date)-\(source)-\(number)"
            let run = RunDirectory(root: parent.appending(path: name))
            do {
                // The process that creates the directory owns the name, so two runs started at once get two
                // folders.
                try files.makeDirectory(run.root.path)
            } catch let error as FileError where error.code == EEXIST {
                continue
            }
            try files.synchronize(parent.path)
            return run
        }
        throw RunDirectoryError(
            message: "10000 runs named \(date)-\(source) are in \(parent.path); give --run DIR")
    }

    /// Creates the folder of `--run DIR` unless it exists.
    ///
    /// - Throws: `RunDirectoryError` for a folder with unrelated contents, `FileError`.
    package static func prepare(at root: URL, files: any FileOperations = Files()) throws -> RunDirectory {
        let run = RunDirectory(root: root)
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: run.root.path, isDirectory: &isDirectory) {
            guard isDirectory.boolValue else {
                throw RunDirectoryError(message: "\(root.path) is a file; give --run a folder")
            }
            try run.checkUsable()
        } else {
            try makePath(run.root, files)
        }
        return run
    }

    /// The run in an existing folder, for commands that only read.
    ///
    /// - Throws: `RunDirectoryError` when the folder holds no run.
    package static func existing(at root: URL) throws -> RunDirectory {
        let run = RunDirectory(root: root)
        guard FileManager.default.fileExists(atPath: run.root.path) else {
            throw RunDirectoryError(message: "\(root.path): no such folder; give --run the folder of a run")
        }
        guard run.isRun else {
            throw RunDirectoryError(message: "\(root.path) holds no run: it has no config.yaml")
        }
        return run
    }

    /// Writes the run's identity and configuration; from then on the folder is a run.
    ///
    /// - Parameter problems: output of the run's problem program, which later starts read again.
    /// - Throws: `FileError`.
    package func start(
        _ configuration: RunConfiguration, identity: RunIdentity, record: ProblemRecord = ProblemRecord(),
        problems: Data? = nil, files: any FileOperations = Files()
    ) throws {
        if let problems { try files.replace(self.problems.path, with: problems) }
        try save(record, files: files)
        if !FileManager.default.fileExists(atPath: logs.path) { try files.makeDirectory(logs.path) }
        try files.replace(self.identity.path, with: try RecordCoding.encode(identity, pretty: true))
        try save(configuration, files: files)
    }

    /// Removes what the start wrote when the run cannot begin, and the folder if nothing else is in it.
    ///
    /// - Parameter problems: whether the start wrote `problems.jsonl`; otherwise the file belongs to the
    ///   user.
    package func discardStart(problems isOurs: Bool) {
        for file in startFiles + forkFiles where isOurs || file != problems {
            // A folder with leftovers that cannot be removed can still be used for a new start.
            try? FileManager.default.removeItem(at: file)
        }
        rmdir(root.path)
    }

    /// The files that the start of a run writes.
    private var startFiles: [URL] {
        [configurationFile, identity, problemRecordFile, problems, auditKey, incarnation, lock, logs]
    }

    /// The files that a fork writes before the folder is a run.
    private var forkFiles: [URL] { [policy, checkpoints, database, metrics] }

    /// Replaces the configuration durably, after a resume with permitted changes.
    ///
    /// - Throws: `FileError`.
    package func save(_ configuration: RunConfiguration, files: any FileOperations = Files()) throws {
        try files.replace(configurationFile.path, with: Data(configuration.yaml.utf8))
    }

    /// The configuration of the run's last start.
    ///
    /// - Throws: `ConfigurationError`.
    package func configuration() throws -> RunConfiguration {
        try RunConfiguration(yamlFile: configurationFile.path, isSaved: true)
    }

    /// The output of the problem program at the run's start; nil for a run with another problem source.
    ///
    /// - Throws: `FileError`, or `RunDirectoryError` when the file is missing.
    package func problems(of configuration: RunConfiguration) throws -> Data? {
        guard configuration.problems.source == .external else { return nil }
        guard FileManager.default.fileExists(atPath: problems.path) else {
            throw RunDirectoryError(
                message:
                    "\(problems.path) is missing: it holds the problems that the run's program wrote at its start; "
                    + "put it back, or start a new run")
        }
        return try Files.read(problems.path, limit: ProblemSet.sizeLimit)
    }

    /// Reads the run's identity.
    ///
    /// - Throws: `FileError`, or `RunDirectoryError` for a damaged file.
    package func readIdentity() throws -> RunIdentity {
        let data = try Files.read(identity.path, limit: 1 << 20)
        do {
            return try RecordCoding.decode(RunIdentity.self, from: data)
        } catch {
            throw RunDirectoryError(
                message: "\(identity.path) is damaged; put a good copy there, or start a new run")
        }
    }

    /// Checks that a folder without a configuration holds only what an interrupted start leaves.
    private func checkUsable() throws {
        if isRun { return }
        let ours = Set((startFiles + [launch]).map(\.lastPathComponent).flatMap { [$0, $0 + ".writing"] })
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path)
        guard let foreign = names.sorted().first(where: { !ours.contains($0) }) else { return }
        throw RunDirectoryError(
            message:
                "\(root.path) is not a run (no config.yaml) and not empty (\(foreign)); give --run another folder"
        )
    }

    private static func makePath(_ path: URL, _ files: any FileOperations) throws {
        if FileManager.default.fileExists(atPath: path.path) { return }
        let parent = path.standardizedFileURL.deletingLastPathComponent()
        if parent.path != path.path { try makePath(parent, files) }
        do {
            try files.makeDirectory(path.path)
        } catch let error as FileError where error.code == EEXIST {
            return
        }
        try files.synchronize(parent.path)
    }
}
