import Foundation
import Learning
import Reinforcement
import RunStore
import Settings
import Testing

@testable import Coordination

extension RunReplay {
    /// The hash of the weights after the last step.
    func sha256() async throws -> String { try await self { _ in } }
}

/// Weights that are computed again from the records.
@Suite struct ReplayTests {
    private let scratch: Scratch
    private var run: RunDirectory { RunDirectory(root: scratch.run) }

    init() throws { scratch = try Scratch() }

    /// Runs to `steps`, a new run or the one that is there.
    private func train(
        to steps: Int, fresh: Bool = true, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) async throws -> RunResult {
        var configuration = try TinyRun.configuration(scratch, steps: steps)
        change(&configuration)
        var request = TinyRun.request(configuration, at: scratch.run)
        request.allowChanges = !fresh
        let training = try InProcessRun(RunSession.open(request))
        training.add("worker-1")
        return try await training.run()
    }

    @Test func `the base and every kept checkpoint lead to the run's bits`() async throws {
        let result = try await train(to: 4)
        for start in [0, 1, 3] {
            let replay = try RunReplay(run, from: start)
            #expect(replay.recorded == result.policySHA256)
            #expect(try await replay.sha256() == result.policySHA256)
        }
        let middle = try RunReplay(run, to: 2)
        #expect(try await middle.sha256() == middle.recorded)
        // A damaged checkpoint is named; the weights are computed all the same.
        let weights = run.checkpoints.appending(path: "step-000004/model.safetensors")
        try Data("damaged".utf8).write(to: weights)
        let damaged = try RunReplay(run)
        #expect(damaged.recorded == nil && damaged.unrecorded?.contains("step") == true)
        #expect(try await damaged.sha256() == result.policySHA256)
    }

    @Test func `a step shows its traces in order, and the losses of its rows add up to its loss`()
        async throws
    {
        _ = try await train(to: 3)
        let recorded = try MetricsFile.read(run)[1]
        var shown: RunReplay.Step?
        _ = try await RunReplay(run, to: 2)(detailed: 2) { if $0.step == 2 { shown = $0 } }
        let step = try #require(shown)
        #expect(step.groups.count == 8 && step.groups.allSatisfy { $0.traces.map(\.sample) == Array(0..<16) })
        #expect(step.losses.count == step.batch.rows.count)
        #expect(abs(step.losses.reduce(0, +) - step.report.loss) < 1e-6)
        #expect(step.report.loss == recorded.loss && step.report.gradientNorm == recorded.gradientNorm)
    }

    @Test func `a run that was resumed with another rate and other advantages is replayed with both`()
        async throws
    {
        _ = try await train(to: 2)
        let result = try await train(to: 4, fresh: false) {
            $0.learning.rate = 3e-3
            $0.learning.advantage = .group
        }
        for end in 1...4 {
            let replay = try RunReplay(run, to: end)
            #expect(try await replay.sha256() == replay.recorded)
        }
        #expect(try await RunReplay(run).sha256() == result.policySHA256)
    }

    @Test func `steps that are not recorded are named, with the checkpoint from which all are`() async throws
    {
        let result = try await train(to: 4) { $0.records.keepSteps = 2 }
        let refused = #expect(throws: NothingToReplay.self) { try RunReplay(run) }
        #expect(refused?.missing == [1, 2] && refused?.starts == [2, 3])
        #expect(refused?.description.contains("2 steps between 1 and 2") == true)
        #expect(refused?.description.contains("give --from-step 3") == true)
        #expect(try await RunReplay(run, from: 2).sha256() == result.policySHA256)
    }

    @Test func `a run without these records says why it cannot be replayed`() async throws {
        _ = try await train(to: 1) { $0.records.replay = false }
        let refused = #expect(throws: NothingToReplay.self) { try RunReplay(run) }
        #expect(refused?.description.contains("records.replay was false") == true)
        #expect(throws: NothingToReplay.self) { try RunReplay(run, from: 1) }
    }
}
