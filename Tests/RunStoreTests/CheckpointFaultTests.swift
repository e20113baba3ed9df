import Foundation
import Host
import Testing

@testable import RunStore

/// What a writer goes through: FAULTS rows 6, 37 and 38.
@Suite struct CheckpointFaultTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private func store(_ files: any FileOperations) -> CheckpointStore {
        CheckpointStore(run: run, keep: 2, files: files)
    }

    /// File operations that writing the third checkpoint takes, so that every one of them can fail in turn.
    private func operations() throws -> Int {
        let other = try scratch.run("counted")
        let counter = Accident(.error(0), at: .max)
        for step in 1...2 { try CheckpointStore(run: other, keep: 2).writeSample(step: step) }
        try CheckpointStore(run: other, keep: 2, files: counter).writeSample(step: 3)
        return counter.operations
    }

    /// The link must lead to a checkpoint that is whole.
    private func expectWhole(_ loaded: LoadedCheckpoint?, _ place: String) throws {
        let loaded = try #require(loaded)
        #expect(!loaded.isFallback, "\(place)")
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: run.policy.path)
        let step = try #require(Checkpoint.step(named: URL(filePath: target).lastPathComponent))
        _ = try CheckpointManifest(verifying: run.root.appending(path: target).path, step: step)
    }

    @Test(arguments: [ENOSPC, EIO, EDQUOT])
    func `an error at any operation keeps the earlier checkpoints and the next write succeeds`(code: Int32)
        throws
    {
        let count = try operations()
        #expect(count > 15)
        for position in 0..<count {
            try? FileManager.default.removeItem(at: run.checkpoints)
            for step in 1...2 { try store(Files()).writeSample(step: step) }
            var isWritten = false
            do {
                try store(Accident(.error(code), at: position)).writeSample(step: 3)
                isWritten = true
            } catch let failure as CheckpointWriteFailure {
                #expect((failure.cause as? FileError)?.code == code)
                #expect(failure.isDiskFull == (code != EIO))
            } catch let failure as CheckpointPruneFailure {
                #expect(failure.checkpoint.step == 3)
                isWritten = true
            }
            let loaded = try store(Files()).newest()
            try expectWhole(loaded, "operation \(position)")
            #expect(loaded?.state.step == 3 || !isWritten)
            try store(Files()).removeLeftovers()
            try store(Files()).writeSample(step: 3)
            #expect(store(Files()).names == ["step-000002", "step-000003"], "operation \(position)")
        }
    }

    @Test func `a file that cannot be synchronized is never announced`() throws {
        try store(Files()).writeSample(step: 1)
        // Files and directories up to the manifest: all of them come before the name.
        for position in 0..<8 {
            #expect(throws: CheckpointWriteFailure.self) {
                try store(Accident(.error(EIO), at: position, only: "synchronize")).writeSample(step: 2)
            }
            #expect(try store(Files()).list().map(\.step) == [1])
            let target = try FileManager.default.destinationOfSymbolicLink(atPath: run.policy.path)
            #expect(target == "checkpoints/step-000001")
        }
    }

    @Test func `a writer killed at any operation costs at most the checkpoint it was writing`() async throws {
        let count = try operations()
        for position in 0..<count {
            try? FileManager.default.removeItem(at: run.checkpoints)
            for step in 1...2 { try store(Files()).writeSample(step: step) }
            let root = run.root.path
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [root = root as String, position = position as Int] in
                let files = Accident(.kill, at: position)
                let run = RunDirectory(root: URL(filePath: root))
                try CheckpointStore(run: run, keep: 2, files: files).writeSample(step: 3)
            }
            let after = store(Files())
            try expectWhole(try after.newest(), "operation \(position)")
            try after.removeLeftovers()
            try expectWhole(try after.newest(), "operation \(position), cleaned")
            #expect(after.names.allSatisfy { $0.hasPrefix("step-") })
            try after.writeSample(step: 3)
            #expect(after.names == ["step-000002", "step-000003"])
        }
    }

    @Test func `an error while the only checkpoint is replaced loses nothing`() throws {
        for position in 0..<40 {
            try? FileManager.default.removeItem(at: run.checkpoints)
            try store(Files()).writeSample(step: 1)
            let files = Accident(.error(EIO), at: position)
            let isWritten = (try? store(files).writeSample(step: 1)) != nil
            try expectWhole(try store(Files()).newest(), "operation \(position)")
            if isWritten { return }
        }
        Issue.record("writing took more operations than expected")
    }

    @Test func `a writer killed while it replaces the only checkpoint loses nothing`() async throws {
        for position in 0..<40 {
            try? FileManager.default.removeItem(at: run.checkpoints)
            try store(Files()).writeSample(step: 1)
            let root = run.root.path
            let result = await #expect(processExitsWith: .failure, observing: [\.exitStatus]) {
                [root = root as String, position = position as Int] in
                let files = Accident(.kill, at: position)
                let run = RunDirectory(root: URL(filePath: root))
                try CheckpointStore(run: run, keep: 1, files: files).writeSample(step: 1)
                exit(3)
            }
            let after = store(Files())
            try after.removeLeftovers()
            try expectWhole(try after.newest(), "operation \(position)")
            if result?.exitStatus == .exitCode(3) { return }
        }
        Issue.record("writing took more operations than expected")
    }
}
