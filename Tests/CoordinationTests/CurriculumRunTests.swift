import Foundation
import Testing

@testable import Coordination
@testable import Reasoning
@testable import Reinforcement
@testable import RunStore
@testable import Scheduling
@testable import Settings

/// Problems that are drawn by how often they were solved, and problems that a program writes.
@Suite struct CurriculumRunTests {
    private func configuration(_ scratch: Scratch, steps: Int = 4) throws -> RunConfiguration {
        var configuration = try TinyRun.configuration(scratch, steps: steps)
        configuration.problems.curriculum.enabled = true
        configuration.checkpoint.every = 2
        return configuration
    }

    private func finish(_ request: RunRequest) async throws -> RunResult {
        let run = try InProcessRun(RunSession.open(request))
        run.add("worker-1")
        return try await run.run()
    }

    /// The problems of each step, in the order of the round.
    private func asked(_ scratch: Scratch) throws -> [Int: [String]] {
        var filter = TraceFilter()
        filter.order = .oldest
        filter.limit = 10_000
        let traces = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run)).traces(filter)
        return Dictionary(grouping: traces.filter { $0.sample == 0 }, by: \.version)
            .mapValues { $0.sorted { $0.problem < $1.problem }.map(\.problemID) }
    }

    @Test func `a run with a curriculum goes on to the same bits after its last steps were lost`()
        async throws
    {
        let whole = try Scratch(), broken = try Scratch()
        let undisturbed = try await finish(TinyRun.request(configuration(whole), at: whole.run))

        // Interrupted in its third step or soon after, and thrown back to the checkpoint of the second, as by a kill.
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration(broken), at: broken.run)))
        let coordinator = run.coordinator
        run.add("worker-1") { message in
            if case .result(let result) = message, result.attempt.assignment.round.step == 2 {
                Task { await coordinator.interrupt() }
            }
            return [message]
        }
        await #expect(throws: Coordinator.Interrupted.self) { try await run.run() }
        let checkpoints = RunDirectory(root: broken.run).checkpoints
        for step in 3...4 {
            let folder = checkpoints.appending(path: "step-00000\(step)")
            if FileManager.default.fileExists(atPath: folder.path) {
                try FileManager.default.removeItem(at: folder)
            }
        }
        let session = try RunSession.open(TinyRun.request(nil, at: broken.run))
        #expect(session.step == 2)
        let known = try #require(session.resumed?.state.curriculum)
        #expect(!known.rates.isEmpty && known.rates.values.allSatisfy { (0...1).contains($0) })
        let second = try InProcessRun(session)
        second.add("worker-1")
        #expect(try await second.run().policySHA256 == undisturbed.policySHA256)
        #expect(try asked(broken) == asked(whole))
    }

    @Test func `without a curriculum nothing of it is saved, and other problems are asked`() async throws {
        let with = try Scratch(), without = try Scratch()
        _ = try await finish(TinyRun.request(configuration(with, steps: 2), at: with.run))
        _ = try await finish(
            TinyRun.request(try TinyRun.configuration(without, steps: 2), at: without.run))
        let checkpoint = try CheckpointStore(run: RunDirectory(root: without.run), keep: 1).newest()
        #expect(checkpoint?.state.curriculum == nil)
        #expect(try asked(with) != asked(without))
    }

    @Test func `a program's problems are written once and asked by every life of the run`() async throws {
        let scratch = try Scratch()
        let counter = scratch.url.appending(path: "calls").path
        var configuration = try TinyRun.configuration(scratch, steps: 1)
        let path = try #require(configuration.problems.path)
        configuration.problems.source = .external
        configuration.problems.path = nil
        configuration.problems.command = ["sh", "-c", "echo called >> '\(counter)'; cat '\(path)'"]
        _ = try await finish(TinyRun.request(configuration, at: scratch.run))
        let kept = try Data(contentsOf: RunDirectory(root: scratch.run).problems)
        #expect(try kept == Data(contentsOf: URL(filePath: path)))

        try FileManager.default.removeItem(atPath: path)
        var request = TinyRun.request(nil, at: scratch.run)
        request.steps = 2
        #expect(try await finish(request).steps == 2)
        #expect(try String(contentsOfFile: counter, encoding: .utf8) == "called\n")

        try FileManager.default.removeItem(at: RunDirectory(root: scratch.run).problems)
        #expect { try RunSession.open(request) } throws: { "\($0)".contains("problems.jsonl is missing") }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (["sh", "-c", "sleep 600"], "did not end within 0.5 seconds"),
            (["/nowhere/program"], "is not here"),
            (["sh", "-c", "echo no >&2; exit 3"], "exit code 3 and said: no"), (["true"], "holds no problem"),
            (["echo", "{}"], "'question' is missing"),
        ])
    func `a program that gives no problems leaves nothing behind`(command: [String], expected: String) throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.problems.source = .external
        configuration.problems.path = nil
        configuration.problems.command = command
        configuration.problems.commandTimeout = 0.5
        #expect { try RunSession.open(TinyRun.request(configuration, at: scratch.run)) } throws: {
            "\($0)".contains(expected)
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }

    @Test func `lines that are left out are told when the run starts`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch, steps: 1)
        let path = try #require(configuration.problems.path)
        let lines = try String(contentsOfFile: path, encoding: .utf8)
        try Data((lines + "\n{\"question\": \"x\"}\n").utf8).write(to: URL(filePath: path))
        #expect { try RunSession.open(TinyRun.request(configuration, at: scratch.run)) } throws: {
            "\($0)".contains("\(path):61: ") && "\($0)".contains("problems.skipInvalid: true")
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
        configuration.problems.lines.skipInvalid = true
        _ = try await finish(TinyRun.request(configuration, at: scratch.run))
        let events = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run)).events(last: 100)
        #expect(events.contains { $0.kind == "problems" && $0.message.contains(":61: ") })
    }
}
