import Foundation
import Host
import Reinforcement
import RunStore
import Settings
import Synchronization
import Testing

@testable import Coordination

/// Disks that are full or damaged, and kills between two steps.
@Suite(.serialized) struct StorageFaultTests {
    private func run(_ session: RunSession) async throws -> (result: RunResult, said: [String]) {
        let run = try InProcessRun(session)
        run.add("worker-1")
        return (try await run.run(), run.log.all)
    }

    @Test(arguments: [ENOSPC, EIO])
    func `a checkpoint that cannot be written is an alarm, is tried again, and changes nothing`(
        code: Int32
    ) async throws {
        let scratch = try Scratch()
        let configuration = try TinyRun.configuration(scratch)
        let files = RefusingFiles(code: code, checkpoints: ["step-000002", "step-000003"])
        let session = try RunSession.open(
            TinyRun.request(configuration, at: scratch.run), files: files)
        let (result, said) = try await run(session)
        #expect(files.refusals == 2)
        #expect(said.count { $0.contains("ALARM: checkpoint of step") } == 2)
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let names = try CheckpointStore(run: session.directory, keep: 9).list().map(\.step)
        #expect(names == [4, 1, 0])
    }

    @Test func `an interruption that the disk refuses to save says so, and which checkpoint is the newest`()
        async throws
    {
        let scratch = try Scratch()
        let configuration = try TinyRun.configuration(scratch, steps: 1000)
        let later = (2...1000).map { "step-" + String(repeating: "0", count: 6 - "\($0)".count) + "\($0)" }
        let files = RefusingFiles(code: ENOSPC, checkpoints: later)
        let session = try RunSession.open(
            TinyRun.request(configuration, at: scratch.run), files: files)
        let run = try InProcessRun(session)
        run.add("worker-1")
        let end = Task { try await run.run() }
        while files.refusals < 2 { try await Task.sleep(for: .milliseconds(5)) }
        let status = try RunStatus(of: session.directory)
        #expect(status.savedStep == 1 && status.trouble?.contains("No space left") == true)
        await run.coordinator.interrupt()
        let error = await #expect(throws: Coordinator.InterruptedUnsaved.self) { try await end.value }
        let text = error?.description ?? ""
        #expect(text.contains("could not be saved") && text.contains("No space left on device; free space"))
        #expect(text.contains("the newest checkpoint is step 1, and `--run"))
        let after = try RunStatus(of: session.directory)
        #expect(after.phase == "interrupted" && after.savedStep == 1 && after.unsavedSteps == after.step - 1)
    }

    @Test func `a failure outside the learner is saved`() async throws {
        struct Failure: Error {}
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch, steps: 1000)
        configuration.checkpoint.every = 1000
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        let run = try InProcessRun(session)
        run.add("worker-1")
        let end = Task { try await run.run() }
        while try MetricsFile.read(session.directory).count < 2 {
            try await Task.sleep(for: .milliseconds(5))
        }
        await run.coordinator.fail(Failure())
        await #expect(throws: Failure.self) { try await end.value }
        let status = try RunStatus(of: session.directory)
        #expect(status.phase == "failed" && status.step >= 2 && status.savedStep == status.step)
    }

    @Test func `checkpoints by time come between those by steps`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.checkpoint.every = 1000
        configuration.checkpoint.everySeconds = 1e-9
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        _ = try await run(session)
        #expect(try CheckpointStore(run: session.directory, keep: 9).list().map(\.step) == [4, 3, 2, 1, 0])
    }

    @Test(arguments: ["truncated", "flipped", "empty", "missing"])
    func `a damaged checkpoint is set aside and the run goes on from the one before`(damage: String)
        async throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = 3
        let first = try await run(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let model = scratch.run.appending(path: "checkpoints/step-000003/model.safetensors")
        var bytes = try Data(contentsOf: model)
        switch damage {
        case "truncated": try bytes.dropLast(100).write(to: model)
        case "empty": try Data().write(to: model)
        case "missing": try FileManager.default.removeItem(at: model)
        default:
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: model)
        }
        let session = try RunSession.open(TinyRun.request(nil, at: scratch.run))
        #expect(session.step == 2)
        #expect(session.completed() == nil)
        let (result, said) = try await run(session)
        #expect(result.checkpointFallback)
        #expect(result.policySHA256 == first.result.policySHA256)
        #expect(result.tokens == first.result.tokens)
        #expect(said.contains { $0.contains("damaged checkpoint is set aside") })
    }

    @Test func `without any usable checkpoint the run refuses to go on`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.steps = 1
        _ = try await run(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        for step in 0...1 {
            let file = scratch.run.appending(path: "checkpoints/step-00000\(step)/state.json")
            try Data("{}".utf8).write(to: file)
        }
        #expect(throws: NoUsableCheckpoint.self) {
            try RunSession.open(TinyRun.request(nil, at: scratch.run))
        }
    }

    @Test(arguments: 0..<4)
    func `what was recorded after the checkpoint is cut and done again to the same bits`(step: Int)
        async throws
    {
        // A folder as a kill leaves it: records of all steps, the checkpoints after `step` not there yet.
        let scratch = try Scratch()
        let first = try await run(
            RunSession.open(TinyRun.request(try TinyRun.configuration(scratch), at: scratch.run)))
        let checkpoints = scratch.run.appending(path: "checkpoints")
        for later in step + 1...4 {
            try FileManager.default.removeItem(at: checkpoints.appending(path: "step-00000\(later)"))
        }
        let session = try RunSession.open(TinyRun.request(nil, at: scratch.run))
        #expect(session.step == step && session.completed() == nil)
        let (result, _) = try await run(session)
        #expect(result.policySHA256 == first.result.policySHA256)
        #expect(result.tokens == first.result.tokens)
        let directory = RunDirectory(root: scratch.run)
        #expect(try MetricsFile.read(directory).map(\.step) == [1, 2, 3, 4])
        let events = try RunDatabase.openReadOnly(directory).events(last: 200)
        #expect(events.contains { $0.kind == "resumed" && $0.message.contains("later steps cut") })
    }
}

/// This machine's disk, which refuses to make some checkpoints' directories.
private final class RefusingFiles: FileOperations {
    private let disk = Files()
    private let code: Int32
    private let checkpoints: [String]
    private let count = Mutex(0)

    init(code: Int32, checkpoints: [String]) {
        self.code = code
        self.checkpoints = checkpoints
    }

    var refusals: Int { count.withLock { $0 } }

    func write(_ bytes: Data, to path: String) throws {
        if path.hasSuffix("/state.json"), checkpoints.contains(where: { path.contains($0) }) {
            count.withLock { $0 += 1 }
            throw FileError(operation: "write", path: path, code: code)
        }
        try disk.write(bytes, to: path)
    }

    func makeDirectory(_ path: String) throws { try disk.makeDirectory(path) }
    func synchronize(_ path: String) throws { try disk.synchronize(path) }
    func rename(_ path: String, to target: String) throws { try disk.rename(path, to: target) }
    func link(_ path: String, to destination: String) throws { try disk.link(path, to: destination) }
    func remove(_ path: String) throws { try disk.remove(path) }
}
