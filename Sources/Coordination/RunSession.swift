package import Episodes
package import Foundation
package import Host
package import ModelFiles
package import Reinforcement
package import RunStore
package import Scheduling
package import Settings
package import StrictConfiguration
import Transformers

/// A command's request for a run.
package struct RunRequest: Sendable {
    /// Nil for the configuration in the run's folder, or for the embedded default in a new run.
    package var configuration: RunConfiguration?
    /// Changes to that configuration.
    package var changes: [ConfigurationLayer] = []
    /// Nil for a new folder in `runs`.
    package var root: URL?
    package var steps: Int?
    package var seed: UInt64?
    /// Precision of the rollouts; nil for the configured one.
    package var dtype: Precision?
    package var allowChanges = false
    /// The step whose checkpoint an existing run goes on from; nil for the newest.
    package var fromStep: Int?
    /// The checkpoint that a new run continues; its configuration may change.
    package var fork: RunFork?

    package init() {}

    /// The configuration that the run would use.
    ///
    /// - Parameter saved: the configuration of the run's folder; nil for a new run.
    /// - Throws: `ConfigurationError`.
    package func configuration(over saved: RunConfiguration?) throws -> RunConfiguration {
        var wanted = configuration ?? saved ?? RunConfiguration()
        if let saved { wanted.keepChoices(of: saved) }
        wanted = try RunConfiguration(changes, over: wanted)
        if let steps { wanted.steps = steps }
        if let seed { wanted.seed = seed }
        if let dtype { wanted.policy.dtype = dtype }
        try wanted.validate()
        return wanted
    }
}

/// A run's folder, locked by this process, with the state from which the run continues.
///
/// A configuration is saved only when it can be used, and a new run that cannot open leaves no folder.
package struct RunSession: Sendable {
    package let directory: RunDirectory
    package let lock: RunLock
    package let identity: RunIdentity
    package let configuration: RunConfiguration
    package let plan: RoundPlan
    package let rules: RolloutRules
    /// The model of the resumed checkpoint, or the base model.
    package let model: ModelDirectory
    /// Nil when the run starts for the first time.
    package let resumed: LoadedCheckpoint?
    /// Settings that changed since the run's last start.
    package let changes: [ConfigurationDifference]
    package let store: CheckpointStore
    package let auditKey: AuditKey
    /// Whether this session created the run.
    package let isNew: Bool

    package var stamp: RunStamp { RunStamp(run: identity.id, incarnation: lock.incarnation) }

    /// Number of steps done.
    package var step: Int { resumed?.state.step ?? 0 }

    /// Gives up a run that cannot begin for a reason outside its folder; removes the folder of a new run.
    package func abandon() {
        if isNew { directory.discardStart(problems: plan.written != nil) }
        lock.release()
    }

    /// The documents on which workers must agree.
    package var documents: RunDocuments {
        get throws {
            RunDocuments(
                model: Array(try model.configuration.json()), tokenizer: Array(model.tokenizerJSON),
                configuration: Array(configuration.forWorkers.canonicalJSON))
        }
    }

    /// Opens a new run or resumes an old one.
    ///
    /// - Throws: `ConfigurationError`, `ResumeRefusal`, `RunDirectoryError`, `RunLock.Taken`, `NoUsableCheckpoint`,
    ///   `MissingCheckpoint`, `ModelError`, `ProblemSourceError`, `ExternalProgramError`, `FileError`: each says what to do.
    package static func open(
        _ request: RunRequest, now: Date = Date(), files: any FileOperations = Files(),
        waiting: (String) -> Void = { _ in }
    ) throws -> RunSession {
        let existing = request.root.map(RunDirectory.init(root:)).flatMap { $0.isRun ? $0 : nil }
        if let existing { try request.fork?.refuse(existing) }
        // A new run that is forked goes on as its source would.
        let origin = existing ?? request.fork?.source
        let allowChanges = request.allowChanges || request.fork != nil
        // Earlier versions counted relative paths from the working directory.
        let working = FileManager.default.currentDirectoryPath
        let asSaved = try origin?.configuration()
        var saved = asSaved
        saved?.makePathsAbsolute(from: working)
        let known = try origin?.problemRecord()
        var wanted = try request.configuration(over: saved)
        if let saved { wanted.keepChatTemplate(of: saved) }
        let base = try origin == nil || wanted.asksForChatTemplate ? Self.base(&wanted) : nil
        var changes = try saved.map { try wanted.checkResume(of: $0, allowChanges: allowChanges) } ?? []
        // Checked before a folder is created or locked.
        // A fork may ask another program for its problems.
        let keepsProblems = request.fork == nil || wanted.problems == saved?.problems
        let plan = try RoundPlan(
            wanted, written: keepsProblems ? origin?.problems(of: wanted) : nil,
            keepsFifth: known?.keepsFifth ?? false)
        let replaced = plan.record.difference(from: known, in: wanted)
        guard replaced.isEmpty || allowChanges else { throw ResumeRefusal(differences: replaced) }
        if origin == nil, let base { try plan.check(base) }
        try VerifierTrial.run(wanted, plan)

        let directory =
            if let root = request.root {
                try RunDirectory.prepare(at: root, files: files)
            } else {
                try RunDirectory.make(
                    date: now.formatted(.iso8601.year().month().day()),
                    source: wanted.problems.source.rawValue,
                    files: files)
            }
        let lock = try RunLock.acquire(directory, now: now, files: files, waiting: waiting)
        let isNew = !directory.isRun
        var isOpen = false
        defer { if isNew, !isOpen { directory.discardStart(problems: plan.written != nil) } }
        let store = CheckpointStore(run: directory, keep: wanted.checkpoint.keep, files: files)
        var resumed: LoadedCheckpoint?
        if isNew {
            if let fork = request.fork {
                try fork.start(
                    directory, wanted, record: plan.record, problems: plan.written, now: now, files: files)
            } else {
                try directory.start(
                    wanted, identity: RunIdentity(created: now), record: plan.record, problems: plan.written,
                    files: files)
            }
        }
        if origin != nil {
            try store.removeLeftovers()
            resumed = try request.fromStep.map(store.checkpoint) ?? store.newest()
            if let resumed {
                if var before = try Self.configuration(of: resumed.checkpoint) {
                    before.makePathsAbsolute(from: working)
                    changes = try wanted.checkResume(of: before, allowChanges: allowChanges)
                }
                try store.setAside(resumed.skipped)
                if request.fromStep != nil { try store.setAsideLater(than: resumed.checkpoint) }
            }
        }
        let model: ModelDirectory =
            if let resumed {
                try ModelDirectory(path: resumed.checkpoint.directory.path)
            } else {
                try base ?? Self.base(&wanted)
            }
        let rules = try RolloutRules(wanted, endTokens: model.configuration.endTokens, model.tokenizer)
        let auditKey = try AuditKey(of: directory, files: files)
        if !isNew, !changes.isEmpty || wanted != asSaved { try directory.save(wanted, files: files) }
        if !isNew, plan.record != known { try directory.save(plan.record, files: files) }
        changes += replaced
        isOpen = true
        return RunSession(
            directory: directory, lock: lock, identity: try directory.readIdentity(), configuration: wanted,
            plan: plan,
            rules: rules,
            model: model, resumed: resumed, changes: changes, store: store, auditKey: auditKey, isNew: isNew)
    }

    /// Path of a checkpoint's configuration, relative to the checkpoint's folder; `config.yaml` may have been
    /// edited since.
    static let configurationFile = "learner/configuration.json"

    private static func configuration(of checkpoint: Checkpoint) throws -> RunConfiguration? {
        let file = checkpoint.directory.appending(path: configurationFile)
        guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
        return try RunConfiguration(json: data, source: file.path, isSaved: true)
    }

    /// The base model of a run with this configuration, which takes the model's chat template if it asks for it.
    ///
    /// - Throws: `ModelError`, `TokenizerError`, `SettingError`.
    package static func base(_ configuration: inout RunConfiguration) throws -> ModelDirectory {
        let path = configuration.policy.model
        let model = try ModelDirectory(
            path: path == PolicySettings.embedded ? EmbeddedBase.folder() : HubCache.folder(of: path))
        // Reads headers only: finds a truncated file, or one of another model, before a folder is created.
        try model.checkWeights()
        let positions = model.configuration.maximumPositions
        guard configuration.rollout.maxNewTokens < positions else {
            throw ModelError(
                path: model.path,
                "has \(positions) positions, which rollout.maxNewTokens (\(configuration.rollout.maxNewTokens)) fills "
                    + "without a prompt; lower it")
        }
        try configuration.takeChatTemplate(of: model.path) { model.companions[$0] }
        return model
    }
}
