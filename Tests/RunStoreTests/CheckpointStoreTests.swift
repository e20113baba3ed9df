import Foundation
import Reasoning
import Testing

@testable import RunStore

@Suite struct CheckpointStoreTests {
    let scratch: Scratch
    let run: RunDirectory
    let store: CheckpointStore

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
        store = CheckpointStore(run: run, keep: 3)
    }

    @Test func `a run without checkpoints has none to load`() throws {
        #expect(try store.newest() == nil)
    }

    @Test func `what was written is loaded, state and files`() throws {
        let written = try store.writeSample(step: 100)
        let loaded = try #require(try store.newest())
        #expect(loaded.checkpoint == written)
        #expect(loaded.state == .sample(step: 100))
        #expect(!loaded.isFallback)
        #expect(written.directory.lastPathComponent == "step-000100")
        let model = try Data(contentsOf: written.directory.appending(path: "model.safetensors"))
        #expect(model == Data(repeating: 100, count: 4096))
    }

    @Test func `a state is written with snake_case keys, and names of problems as they are`() throws {
        var state = RunState.sample(step: 1)
        state.curriculum = Curriculum(seed: 1)
        state.curriculum?.rates = ["a_b/cD": 0.5]
        let text = try RecordCoding.text(state)
        #expect(text.contains("\"optimizer_steps\"") && text.contains("\"policy_sha256\""))
        #expect(text.contains("\"a_b/cD\""))
        #expect(try RecordCoding.decode(RunState.self, from: Data(text.utf8)) == state)
    }

    @Test func `the policy link follows the newest, by a relative path`() throws {
        try store.writeSample(step: 1)
        try store.writeSample(step: 2)
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: run.policy.path)
        #expect(target == "checkpoints/step-000002")
    }

    @Test func `only the newest are kept`() throws {
        for step in 1...6 { try store.writeSample(step: step) }
        #expect(store.names == ["step-000004", "step-000005", "step-000006"])
    }

    @Test func `a later damaged checkpoint never makes a good one go`() throws {
        let one = CheckpointStore(run: run, keep: 1)
        try store.writeSample(step: 10)
        try store.writeSample(step: 30)
        try Data().write(to: store.directory.appending(path: "step-000030/model.safetensors"))
        try one.writeSample(step: 20)
        let loaded = try #require(try one.newest())
        #expect(loaded.state.step == 20)
        #expect(loaded.isFallback)
    }

    @Test func `steps beyond six digits are in order`() throws {
        for step in [999_999, 1_000_000] { try store.writeSample(step: step) }
        #expect(try store.newest()?.state.step == 1_000_000)
    }

    enum Damage: String, CaseIterable {
        case truncated, flipped, empty, missing, directory, link
    }

    private func damage(_ path: URL, _ kind: Damage) throws {
        var data = try Data(contentsOf: path)
        try FileManager.default.removeItem(at: path)
        switch kind {
        case .truncated: try data.dropLast().write(to: path)
        case .flipped:
            data[data.count / 2] ^= 1
            try data.write(to: path)
        case .empty: try Data().write(to: path)
        case .missing: break
        case .directory: try FileManager.default.createDirectory(at: path, withIntermediateDirectories: false)
        case .link:
            try FileManager.default.createSymbolicLink(atPath: path.path, withDestinationPath: "/dev/zero")
        }
    }

    @Test(
        arguments: Damage.allCases,
        ["model.safetensors", "learner/optimizer.safetensors", "state.json", "config.json", "manifest.json"])
    func `a damaged file is found and the checkpoint before is used`(kind: Damage, name: String) throws {
        try store.writeSample(step: 1)
        let newest = try store.writeSample(step: 2)
        try damage(newest.directory.appending(path: name), kind)
        let loaded = try #require(try store.newest())
        #expect(loaded.state.step == 1)
        #expect(loaded.isFallback)
        #expect(loaded.skipped.map(\.checkpoint) == [newest])
        #expect(loaded.skipped[0].reason.contains(name))
    }

    @Test func `when every checkpoint is damaged, each is named with its reason`() throws {
        for step in 1...2 {
            let written = try store.writeSample(step: step)
            try damage(written.directory.appending(path: "model.safetensors"), .truncated)
        }
        #expect {
            try store.newest()
        } throws: { error in
            guard let error = error as? NoUsableCheckpoint else { return false }
            return error.skipped.map(\.checkpoint.step) == [2, 1]
                && "\(error)".contains("step-000002: model.safetensors has 4095 bytes instead of 4096")
        }
    }

    @Test func `a checkpoint under another step's name is not used`() throws {
        try store.writeSample(step: 1)
        let two = try store.writeSample(step: 2)
        let wrong = store.directory.appending(path: "step-000009")
        try FileManager.default.moveItem(at: two.directory, to: wrong)
        let loaded = try #require(try store.newest())
        #expect(loaded.state.step == 1)
        #expect(loaded.skipped[0].reason.contains("says step 2"))
    }

    @Test func `a manifest that points outside is not followed`() throws {
        let written = try store.writeSample(step: 1)
        let path = written.directory.appending(path: "manifest.json")
        let text = try String(contentsOf: path, encoding: .utf8)
        for outside in ["../../config.yaml", "/etc/passwd", "a//b", "./config.json"] {
            try text.replacing("\"config.json\"", with: "\"\(outside)\"").write(
                to: path, atomically: true, encoding: .utf8)
            #expect { try store.newest() } throws: { "\($0)".contains("outside the checkpoint") }
        }
    }

    @Test func `what a killed writer left is neither loaded nor kept`() throws {
        try store.writeSample(step: 1)
        let manager = FileManager.default
        for name in [".writing-step-000002", ".old-step-000000"] {
            let left = store.directory.appending(path: name)
            try manager.createDirectory(at: left, withIntermediateDirectories: true)
            try Data("half".utf8).write(to: left.appending(path: "model.safetensors"))
        }
        #expect(try store.newest()?.state.step == 1)
        #expect(try store.removeLeftovers() == [".old-step-000000", ".writing-step-000002"])
        #expect(store.names == ["step-000001"])
    }

    @Test func `a checkpoint moved aside for a replacement that never came is put back`() throws {
        let written = try store.writeSample(step: 1)
        let aside = store.directory.appending(path: ".replaced-step-000001")
        try FileManager.default.moveItem(at: written.directory, to: aside)
        try store.removeLeftovers()
        #expect(try store.newest()?.state.step == 1)
    }

    @Test func `a damaged step is set aside, saved anew and then gone`() throws {
        try store.writeSample(step: 1)
        let two = try store.writeSample(step: 2)
        try damage(two.directory.appending(path: "model.safetensors"), .flipped)
        let loaded = try #require(try store.newest())
        try store.setAside(loaded.skipped)
        #expect(store.names == ["damaged-step-000002", "step-000001"])
        try store.writeSample(step: 2)
        #expect(store.names == ["step-000001", "step-000002"])
        #expect(try store.newest()?.isFallback == false)
    }

    @Test func `saving a step again replaces it`() throws {
        try store.writeSample(step: 1, bytes: 10)
        try store.writeSample(step: 1, bytes: 20)
        #expect(store.names == ["step-000001"])
        let model = store.directory.appending(path: "step-000001/model.safetensors")
        #expect(try Data(contentsOf: model).count == 20)
        #expect(try store.newest() != nil)
    }

    @Test func `contents that fail leave no trace and their reason`() throws {
        struct Broken: Error {}
        try store.writeSample(step: 1)
        #expect {
            try store.write(.sample(step: 2)) { directory in
                try Data("half".utf8).write(to: directory.appending(path: "model.safetensors"))
                throw Broken()
            }
        } throws: {
            ($0 as? CheckpointWriteFailure)?.cause is Broken
        }
        #expect(store.names == ["step-000001"])
    }

    @Test func `contents with a link in them are refused`() throws {
        #expect {
            try store.write(.sample(step: 1)) { directory in
                try FileManager.default.createSymbolicLink(
                    atPath: directory.appending(path: "model.safetensors").path,
                    withDestinationPath: "/etc/passwd")
            }
        } throws: {
            "\($0)".contains("model.safetensors is neither a file nor a directory")
        }
    }
}
