import Coordination
import ExternalPrograms
import Foundation
import Launching
import Messaging
import ModelFiles
import Reinforcement
import RunStore
import Settings
import Transformers

/// What a launch finds out about its run before it starts anything.
struct LaunchPreflight {
    /// Where the coordinator and the workers of a launch run.
    enum Place {
        /// The coordinator here, workers on hosts.
        case hosts(areOthers: Bool)
        /// On nodes that share a file system.
        case nodes
        case pods
    }

    let configuration: RunConfiguration
    private(set) var warnings: [String] = []
    private let place: Place
    /// Where relative paths count from.
    private let base: URL

    /// - Parameters:
    ///   - file: the configuration; nil for that of an existing run, or the default.
    ///   - run: the folder of the run.
    /// - Throws: `ConfigurationError`, `RunDirectoryError`.
    init(file: String?, run: String?, steps: Int? = nil, seed: UInt64? = nil, at place: Place) throws {
        var request = RunRequest()
        request.configuration = try file.map { try RunConfiguration(yamlFile: $0) }
        request.steps = steps
        request.seed = seed
        let directory = run.flatMap { RunDirectory(root: URL(filePath: $0, directoryHint: .isDirectory)) }
        let saved = try directory.flatMap { $0.isRun ? try $0.configuration() : nil }
        configuration = try request.configuration(over: saved)
        self.place = place
        base =
            file.map { URL(filePath: $0).deletingLastPathComponent() }
            ?? URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
        checkFiles()
    }

    mutating func warn(_ text: String) { warnings.append(text) }

    /// The run in a few words.
    var about: String {
        "\(configuration.steps) steps of \(configuration.problems.source.rawValue), model \(configuration.policy.model)"
    }

    /// The flags that let workers start the programs that judge answers: the person who launches the run trusts them.
    var verifierPermission: [String] {
        configuration.programs.flatMap { ["--allow-verifier", ShellWords.quoted($0)] }
    }

    // MARK: - Files

    private mutating func checkFiles() {
        if configuration.policy.model != PolicySettings.embedded {
            check(configuration.policy.model, "policy.model")
        }
        if let path = configuration.problems.path { check(path, "problems.path") }
        check(command: configuration.problems.command, "problems.command")
        check(command: configuration.verifier.command, "verifier.command", isForWorkers: true)
        for reward in configuration.rewards {
            if let command = reward.command { check(command: command, "rewards", isForWorkers: true) }
        }
    }

    /// The words of a command that are files.
    private mutating func check(command: [String], _ key: String, isForWorkers: Bool = false) {
        for (index, word) in command.enumerated() {
            let isFile = FileManager.default.fileExists(atPath: absolute(word))
            guard index == 0 ? word.contains("/") : isFile || word.hasPrefix("/") else { continue }
            check(word, key, isForWorkers: isForWorkers)
        }
    }

    private mutating func check(_ path: String, _ key: String, isForWorkers: Bool = false) {
        let full = absolute(path)
        switch place {
        case .pods:
            if FarPath.isOutsideContainers(path) {
                warn("no pod sees \(key): \(path); put it into the image, and give its path there")
            }
            return
        case .nodes, .hosts:
            guard FileManager.default.fileExists(atPath: full) else {
                return warn("\(key): there is no \(full)")
            }
        }
        switch place {
        case .nodes where FarPath.isLocal(full):
            warn("other nodes do not see \(key): \(full); put it on a file system that every node sees")
        case .hosts(areOthers: true) where isForWorkers && (FarPath.isLocal(full) || !path.hasPrefix("/")):
            warn(
                "the hosts need \(key) at the same path, and do not see \(path) of this machine; give a path that all have"
            )
        default: break
        }
    }

    private func absolute(_ path: String) -> String {
        URL(filePath: path, relativeTo: base).standardizedFileURL.path(percentEncoded: false)
    }

    /// Warns when the run's folder is on one node alone.
    mutating func check(run: String) {
        if FarPath.isLocal(run) {
            warn(
                "other nodes do not see the run's folder \(run); put it on a file system that every node sees"
            )
        }
    }

    // MARK: - Keys

    /// Checks that coordinator and workers have keys.
    ///
    /// - Parameter hint: how keys are given to this launch: `--keys DIR`.
    mutating func check(keys folder: KeyFolder?, hint: String) {
        guard let folder else {
            return warn(
                "the coordinator would refuse an address that others reach, because there are no keys; make them with "
                    + "`ponder keys make coordinator worker --keys keys` and `ponder keys authorize worker --keys keys`, "
                    + "and add \(hint)")
        }
        do {
            _ = try folder.allowList()
            _ = try folder.client([KeyFolder.worker])
            if try folder.authorized()?.entries.isEmpty ?? true {
                warn(
                    "\(folder.authorizedFile) lets nobody in; say `ponder keys authorize worker --keys \(folder.path)`"
                )
            }
        } catch {
            warn("\(error)")
        }
        if case .nodes = place, FarPath.isLocal(LaunchTool.absolute(folder.path)) {
            warn(
                "other nodes do not see the keys in \(folder.path); put them on a file system that every node sees"
            )
        }
    }

    // MARK: - Needs

    /// Processors and memory; nil when the model cannot be read here.
    var needs: LaunchNeeds? {
        guard let model = try? modelSize() else { return nil }
        let rollout = configuration.rollout
        let rows = rollout.slots > 0 ? rollout.slots : min(64, rollout.assignmentProblems * rollout.samples)
        // A prompt is seldom longer than this.
        let length = rollout.maxNewTokens + 512
        return LaunchNeeds(
            model,
            LaunchNeeds.Work(
                learnerThreads: configuration.threads.learner, workerThreads: configuration.threads.worker,
                weightBytes: configuration.policy.dtype == .bf16 ? 2 : 4,
                learnerTokens: configuration.learning.microBatchTokens, rows: rows, length: length))
    }

    private func modelSize() throws -> LaunchNeeds.Model {
        let name = configuration.policy.model
        let folder = name == PolicySettings.embedded ? try EmbeddedBase.folder() : absolute(name)
        let path = "\(folder)/config.json"
        let model = try PolicyConfiguration(json: try Data(contentsOf: URL(filePath: path)), path: path)
        let attention = 2 * model.hidden * (model.heads + model.kvHeads) * model.headWidth
        let embeddings = model.vocabularySize * model.hidden * (model.tiedEmbeddings ? 1 : 2)
        return LaunchNeeds.Model(
            parameters: embeddings + model.layers * (attention + 3 * model.hidden * model.ffn),
            layers: model.layers, hidden: model.hidden, vocabulary: model.vocabularySize,
            cacheWidth: model.kvHeads * model.headWidth)
    }
}

extension LaunchNeeds {
    /// A line of a summary.
    static func line(_ needs: LaunchNeeds?) -> String {
        needs.map { "coordinator: \($0.coordinator); each worker: \($0.worker) (estimated from the model)" }
            ?? "processors and memory: as the cluster gives them, because the model cannot be read here"
    }
}
