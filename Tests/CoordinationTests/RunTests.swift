import Foundation
import ModelFiles
import Reasoning
import Reinforcement
import RunStore
import Scheduling
import Settings
import Testing
import Torch
import Transformers

@testable import Coordination

/// Whole runs within this process, with a tiny model.
@Suite struct RunTests {
    private func finish(
        _ scratch: Scratch, workers: Int = 1, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) async throws -> RunResult {
        var configuration = try TinyRun.configuration(scratch)
        change(&configuration)
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        for number in 0..<workers { run.add("worker-\(number + 1)") }
        return try await run.run()
    }

    @Test func `a run ends with its records, its checkpoint and its object`() async throws {
        let scratch = try Scratch()
        let result = try await finish(scratch)
        #expect(result.steps == 4)
        #expect(result.tokens > 4 * 128)
        #expect(result.heldoutAccuracyBefore != nil && result.directAccuracyAfter != nil)
        #expect(result.heldoutGreedyBefore != nil && result.heldoutGreedyAfter != nil)

        let directory = RunDirectory(root: scratch.run)
        let metrics = try MetricsFile.read(directory)
        #expect(metrics.map(\.step) == [1, 2, 3, 4])
        #expect(metrics.contains { $0.loss != nil }, "nothing was learned, so nothing is tested")
        let checkpoint = try #require(try CheckpointStore(run: directory, keep: 1).newest())
        #expect(checkpoint.state.policySHA256 == result.policySHA256)
        #expect(checkpoint.state.ledger.closes)
        let first = try FileManager.default.contentsOfDirectory(atPath: directory.checkpoints.path).sorted()[
            0]
        let before = try Data(contentsOf: directory.checkpoints.appending(path: "\(first)/state.json"))
        let policy = try JSONSerialization.jsonObject(with: before) as? [String: Any]
        #expect(
            policy?["policy_sha256"] is String && policy?["policy_sha256"] as? String != result.policySHA256)

        let heldOut = try String(contentsOf: directory.metrics, encoding: .utf8).split(separator: "\n")
            .filter { $0.contains("heldout_greedy") }
        #expect(heldOut.count == 2, "the first policy and the last")

        let status = try RunStatus(of: directory)
        #expect(status.phase == "done" && status.step == 4)
        #expect(status.heldoutGreedy.keys.sorted() == [0, 4])
        #expect(status.result?.policySHA256 == result.policySHA256)
        #expect(status.report?.ledger.closes == true)
    }

    @Test func `the same bits come from one worker and from three`() async throws {
        let one = try Scratch(), three = try Scratch()
        let first = try await finish(one)
        let second = try await finish(three, workers: 3)
        #expect(first.policySHA256 == second.policySHA256)
        #expect(first.tokens == second.tokens)
    }

    @Test func `another seed gives other bits`() async throws {
        let one = try Scratch(), other = try Scratch()
        let first = try await finish(one)
        let second = try await finish(other) { $0.seed = 4 }
        #expect(first.policySHA256 != second.policySHA256)
    }

    @Test func `a complete run is not run again`() async throws {
        let scratch = try Scratch()
        let result = try await finish(scratch)
        let again = try RunSession.open(TinyRun.request(nil, at: scratch.run))
        #expect(again.completed() == result)
        #expect(again.lock.incarnation == 2)
    }

    @Test func `more steps continue a complete run to the same bits as one that was never ended`()
        async throws
    {
        let scratch = try Scratch(), whole = try Scratch()
        _ = try await finish(scratch) { $0.steps = 2 }
        var request = TinyRun.request(nil, at: scratch.run)
        request.steps = 4
        let session = try RunSession.open(request)
        #expect(session.completed() == nil)
        let run = try InProcessRun(session)
        run.add("worker-1")
        let resumed = try await run.run()
        let uninterrupted = try await finish(whole)
        #expect(resumed.policySHA256 == uninterrupted.policySHA256)
        #expect(resumed.tokens == uninterrupted.tokens)
        #expect(resumed.heldoutAccuracyBefore == uninterrupted.heldoutAccuracyBefore)
    }

    @Test func `a bf16 model is saved as bf16 beside its fp32 masters, and goes on to the same bits`()
        async throws
    {
        let scratch = try Scratch(), whole = try Scratch()
        for scratch in [scratch, whole] { try TinyRun.writeModel(scratch, dtype: .bfloat16) }
        _ = try await finish(scratch) { $0.steps = 2 }
        let checkpoint = try #require(
            try CheckpointStore(run: RunDirectory(root: scratch.run), keep: 1).newest()?.checkpoint)
        let saved = try ModelDirectory(path: checkpoint.directory.path)
        #expect(try saved.storage() == .bfloat16)
        let (masters, rounded) = (try saved.load(masters: true), try saved.load())
        #expect(try masters.embedding.bytes() != rounded.embedding.bytes())
        #expect(
            try masters.embedding.converted(to: .bfloat16).bytes()
                == rounded.embedding.converted(to: .bfloat16).bytes())

        var request = TinyRun.request(nil, at: scratch.run)
        request.steps = 4
        let run = try InProcessRun(RunSession.open(request))
        run.add("worker-1")
        let resumed = try await run.run()
        #expect(try await resumed.policySHA256 == finish(whole).policySHA256)
    }

    @Test func `an interrupted run is saved, tells its workers to wait, and goes on to the same bits`()
        async throws
    {
        let scratch = try Scratch(), whole = try Scratch()
        let configuration = try TinyRun.configuration(scratch)
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let coordinator = run.coordinator
        // Interrupted while the second step is generated: its first results are in.
        run.add("worker-1") { message in
            if case .result(let result) = message, result.attempt.assignment.round.step == 1 {
                Task { await coordinator.interrupt() }
            }
            return [message]
        }
        await #expect(throws: Coordinator.Interrupted.self) { try await run.run() }
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.phase == "interrupted")
        #expect(status.step < 4)

        let session = try RunSession.open(TinyRun.request(nil, at: scratch.run))
        #expect(session.step >= 1 && session.lock.incarnation == 2)
        let second = try InProcessRun(session)
        second.add("worker-1")
        let resumed = try await second.run()
        #expect(resumed.policySHA256 == (try await finish(whole)).policySHA256)
        let events = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run)).events(last: 100)
        #expect(events.contains { $0.kind == "resumed" && $0.incarnation == 2 })
    }

    @Test
    func `a fork of a step ends with the bits of the run that it left, and may change what it learns with`()
        async throws
    {
        let scratch = try Scratch()
        let whole = try await finish(scratch) {
            $0.checkpoint.keep = 9; $0.checkpoint.every = 1
        }
        func fork(_ name: String, _ change: (inout RunRequest) throws -> Void = { _ in }) throws -> RunSession
        {
            var request = TinyRun.request(nil, at: scratch.url.appending(path: name))
            request.fork = RunFork(source: RunDirectory(root: scratch.run), step: 2)
            try change(&request)
            return try RunSession.open(request)
        }
        let session = try fork("same")
        #expect(session.step == 2 && session.identity.origin?.step == 2)
        let again = try InProcessRun(session)
        again.add("worker-1")
        #expect(try await again.run().policySHA256 == whole.policySHA256)

        let other = try fork("other") {
            var configuration = try RunDirectory(root: scratch.run).configuration()
            configuration.learning.rate = 1e-3
            $0.configuration = configuration
        }
        #expect(other.changes.map(\.path) == ["learning.rate"])
        other.lock.release()
        #expect(throws: RunDirectoryError.self) { try fork("same") }
    }

    @Test func `a second coordinator is refused, and a changed configuration named`() async throws {
        let scratch = try Scratch()
        let configuration = try TinyRun.configuration(scratch)
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        #expect(throws: RunLock.Taken.self) {
            try RunSession.open(TinyRun.request(nil, at: scratch.run))
        }
        session.lock.release()
        var changed = configuration
        changed.learning.rate = 1e-3
        let refusal = #expect(throws: ResumeRefusal.self) {
            try RunSession.open(TinyRun.request(changed, at: scratch.run))
        }
        #expect(refusal?.differences.map(\.path) == ["learning.rate"])
        var allowed = TinyRun.request(changed, at: scratch.run)
        allowed.allowChanges = true
        #expect(try RunSession.open(allowed).configuration.learning.rate == 1e-3)
    }

    @Test func `a configuration that was edited in the run's folder is named, not followed silently`()
        async throws
    {
        let scratch = try Scratch()
        _ = try await finish(scratch) { $0.steps = 1 }
        let file = scratch.run.appending(path: "config.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("samples: 16", with: "samples: 8").utf8).write(to: file)
        var request = TinyRun.request(nil, at: scratch.run)
        request.steps = 2
        let refusal = #expect(throws: ResumeRefusal.self) { try RunSession.open(request) }
        #expect(refusal?.differences.map(\.path) == ["rollout.samples"])
        request.allowChanges = true
        #expect(try RunSession.open(request).changes.count == 2)
    }

    @Test func `a change that cannot be used is not saved`() throws {
        let scratch = try Scratch()
        let configuration = try TinyRun.configuration(scratch)
        try RunSession.open(TinyRun.request(configuration, at: scratch.run)).lock.release()
        let file = scratch.run.appending(path: "config.yaml")
        let before = try Data(contentsOf: file)
        var changed = configuration
        changed.prompt.stop = ["two tokens"]
        var request = TinyRun.request(changed, at: scratch.run)
        request.allowChanges = true
        #expect(throws: SettingError.self) { try RunSession.open(request) }
        #expect(try Data(contentsOf: file) == before)
    }

    @Test func `what cannot be used leaves no folder behind`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.policy.model = scratch.url.appending(path: "nowhere").path
        #expect(throws: (any Error).self) {
            try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }
}
