import Foundation
import Reasoning
import Reinforcement
import Scheduling
import Settings
import TestSupport
import Testing
import Wire

@testable import Coordination

/// The shell around the scheduler's state, without a model.
@Suite struct SchedulerTests {
    private let network = InProcessNetwork()

    private func scheduler() async -> Scheduler {
        let scheduler = Scheduler(
            Samples.configuration, ledger: Ledger(), transport: network.coordinator,
            journal: Journal(incarnation: 1, log: { _ in }),
            examine: { result, assignment, worker, _ in
                .accepted(
                    assignment.groups(
                        result.traces.map {
                            ScoredTrace(
                                trace: $0, response: "", form: nil, thought: nil,
                                reward: Reward(format: 0.2, accuracy: 0, verdict: nil))
                        }, prompts: assignment.problems.map { _ in [] }, by: worker))
            }, status: { _ in [] })
        await scheduler.open()
        return scheduler
    }

    @Test func `rounds that wait when the run takes leave end with an error`() async throws {
        let scheduler = await scheduler()
        let rounds = (0...1).map { step in
            Task { try await scheduler.generate(Samples.round(step: step)) }
        }
        while await scheduler.report.rounds.count < 2 { try await Task.sleep(for: .milliseconds(2)) }
        await scheduler.takeLeave(.failed)
        for round in rounds {
            await #expect(throws: RoundCancelled.self) { try await round.value }
        }
        await #expect(throws: RoundCancelled.self) { try await scheduler.generate(Samples.round(step: 2)) }
        await scheduler.close()
    }

    @Test func `a round goes on without an assignment that cannot be sent, and its groups know their worker`()
        async throws
    {
        let scheduler = await scheduler()
        await scheduler.published(PolicyVersion(0))
        let worker = network.makeWorker()
        let answers = Task {
            for await case .message(let envelope) in worker.events {
                if case .welcome = envelope.message {
                    try worker.send(Envelope(stamp: Samples.stamp, message: .ready(PolicyVersion(0))))
                }
                if case .assignment(let attempt, let assignment) = envelope.message {
                    let result = Samples.result(attempt, assignment)
                    try worker.send(Envelope(stamp: Samples.stamp, message: .result(result)))
                }
            }
        }
        try worker.send(Envelope(stamp: .unknown, message: .hello(Samples.hello())))
        var round = Samples.round(assignments: 2)
        let problem = Problem(
            id: "long", question: String(repeating: "q", count: 5 << 20), expected: "2", difficulty: 1)
        round[0] = Assignment(
            id: round[0].id, problems: [AssignedProblem(index: 0, problem: problem)], samples: 2, seed: 7)
        let groups = try await scheduler.generate(round)
        #expect(groups.map(\.problem.index) == [2, 3])
        #expect(groups.map(\.worker) == ["worker-1", "worker-1"])
        let report = await scheduler.report
        #expect(report.setAside?.map(\.problems) == [[problem.id]])
        #expect(report.ledger.dropped[.unsendable] == 8 && report.ledger.closes)
        await scheduler.takeLeave(.interrupted)
        await scheduler.close()
        await worker.close()
        answers.cancel()
    }

    @Test func `an assignment that is too large for the wire is refused with the key to lower`() throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.rollout.problems = 80
        configuration.rollout.assignmentProblems = 80
        let file = scratch.url.appending(path: "long.jsonl")
        let padding = String(repeating: "x", count: 60_000)
        let lines = (0..<120).map { #"{"question": "\#($0)\#(padding)", "expected": "1"}"# }
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        configuration.problems.path = file.path
        let error = #expect(throws: SettingError.self) {
            try RoundPlan(configuration).training(step: 0, cursor: 0)
        }
        #expect(error?.setting == "rollout.assignmentProblems")
        configuration.rollout.assignmentProblems = 40
        #expect(try RoundPlan(configuration).training(step: 0, cursor: 0).count == 2)
    }
}
