import Foundation
import Host
import Reinforcement
import Settings
import Testing

@testable import RunStore

@Suite struct RunForkTests {
    let scratch: Scratch
    let source: RunDirectory
    let target: RunDirectory

    init() throws {
        scratch = try Scratch()
        source = try scratch.run()
        try source.start(RunConfiguration(), identity: RunIdentity(id: "source", created: Date()))
        let store = CheckpointStore(run: source, keep: 9)
        for step in [0, 2, 4] { try store.writeSample(step: step) }
        let records = try RunDatabase.open(source)
        for step in 1...4 { try records.record(.sample(step: step), groups: [], traceLimit: 0) }
        try records.record(.phase, "done", time: 1)
        try records.close()
        target = try RunDirectory.prepare(at: scratch.url.appending(path: "fork"))
    }

    private func fork(_ step: Int?) throws {
        try RunFork(source: source, step: step).start(
            target, RunConfiguration(), problems: nil, now: Date(timeIntervalSince1970: 5))
    }

    @Test func `a fork begins with the newest checkpoint and the records, as a run of its own`() throws {
        try fork(nil)
        let identity = try target.readIdentity()
        #expect(identity.id != "source" && identity.origin == RunIdentity.Origin(run: "source", step: 4))
        let loaded = try #require(try CheckpointStore(run: target, keep: 3).newest())
        #expect(loaded.state.step == 4 && loaded.state.run == identity.id)
        let model = loaded.checkpoint.directory.appending(path: "model.safetensors")
        #expect(
            try Data(contentsOf: model)
                == Data(contentsOf: source.policy.appending(path: "model.safetensors")))
        let records = try RunDatabase.openReadOnly(target)
        #expect(try records.steps().map(\.step) == [1, 2, 3, 4])
        #expect(try records.fact(.phase, as: String.self) == nil)
    }

    @Test func `a fork of an earlier step leaves the source as it is`() throws {
        try fork(2)
        #expect(try CheckpointStore(run: target, keep: 3).newest()?.state.step == 2)
        #expect(try CheckpointStore(run: source, keep: 3).list().map(\.step) == [4, 2, 0])
        #expect(try RunDatabase.openReadOnly(source).fact(.phase, as: String.self) == "done")
    }

    @Test func `a step without a checkpoint is refused with the steps that have one`() throws {
        let missing = #expect(throws: MissingCheckpoint.self) { try fork(3) }
        #expect(missing?.description.contains("does not exist; give one of the steps 4, 2, 0") == true)
        #expect(!target.isRun)
    }

    @Test func `a damaged checkpoint is named, and not copied`() throws {
        try Data().write(to: source.checkpoints.appending(path: "step-000002/model.safetensors"))
        let missing = #expect(throws: MissingCheckpoint.self) { try fork(2) }
        #expect(missing?.description.contains("is damaged: model.safetensors") == true)
    }

    @Test func `a fork that is discarded leaves no folder`() throws {
        try fork(nil)
        target.discardStart(problems: true)
        #expect(!FileManager.default.fileExists(atPath: target.root.path))
    }
}
