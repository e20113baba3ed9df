import Foundation
import Host
import Reasoning
import Reinforcement
import Scheduling
import Settings

@testable import RunStore

/// A folder of a test's own, removed when the test lets go of it.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "ponder-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A started run in a folder of its own.
    func run(_ name: String = "run") throws -> RunDirectory {
        let run = try RunDirectory.prepare(at: url.appending(path: name))
        try run.start(RunConfiguration(), identity: RunIdentity(created: Date(timeIntervalSince1970: 0)))
        return run
    }
}

extension RunState {
    static func sample(step: Int) -> RunState {
        var ledger = Ledger()
        ledger.issue()
        ledger.use()
        return RunState(
            run: "a run", step: step, optimizerSteps: step, seed: 7, cursor: step * 32, incarnation: 1,
            seconds: 1.5,
            ledger: ledger, protocolVersion: 1,
            digests: Digests(model: "m", tokenizer: "t", configuration: "c"), policySHA256: "p\(step)")
    }
}

extension CheckpointStore {
    /// Writes a checkpoint with a model of `bytes` bytes that all hold the step.
    @discardableResult
    func writeSample(step: Int, bytes: Int = 4096) throws -> Checkpoint {
        try write(.sample(step: step)) { directory in
            let files = Files()
            let content = Data(repeating: UInt8(truncatingIfNeeded: step), count: bytes)
            try files.write(content, to: directory.appending(path: "model.safetensors").path)
            try files.write(Data("{}".utf8), to: directory.appending(path: "config.json").path)
            try files.makeDirectory(directory.appending(path: "learner").path)
            try files.write(content, to: directory.appending(path: Checkpoint.optimizerFile).path)
        }
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).sorted()
    }
}

/// The disk of this machine with an accident before one operation.
final class Accident: FileOperations, @unchecked Sendable {
    enum Kind: Sendable {
        case error(Int32)
        /// The process is killed, as by kill -9.
        case kill
    }

    private let disk = Files()
    private let kind: Kind
    private let position: Int
    private let only: String?
    private let lock = NSLock()
    private var count = 0

    /// - Parameter position: which operation fails, from 0; with `only`, of those whose name that is.
    init(_ kind: Kind, at position: Int, only: String? = nil) {
        self.kind = kind
        self.position = position
        self.only = only
    }

    /// Operations seen so far.
    var operations: Int { lock.withLock { count } }

    private func step(_ operation: String, _ path: String) throws {
        guard only == nil || only == operation else { return }
        let number = lock.withLock {
            count += 1
            return count - 1
        }
        guard number == position else { return }
        switch kind {
        case .error(let code): throw FileError(operation: operation, path: path, code: code)
        case .kill: kill(getpid(), SIGKILL)
        }
    }

    func makeDirectory(_ path: String) throws {
        try step("make", path)
        try disk.makeDirectory(path)
    }

    func write(_ bytes: Data, to path: String) throws {
        try step("write", path)
        try disk.write(bytes, to: path)
    }

    func synchronize(_ path: String) throws {
        try step("synchronize", path)
        try disk.synchronize(path)
    }

    func rename(_ path: String, to target: String) throws {
        try step("rename", path)
        try disk.rename(path, to: target)
    }

    func link(_ path: String, to destination: String) throws {
        try step("link", path)
        try disk.link(path, to: destination)
    }

    func remove(_ path: String) throws {
        try step("remove", path)
        try disk.remove(path)
    }
}
