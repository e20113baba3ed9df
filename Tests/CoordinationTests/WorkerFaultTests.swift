import Foundation
import Reasoning
import Reinforcement
import Rollouts
import RunStore
import Scheduling
import Settings
import Synchronization
import Testing

@testable import Coordination

/// Workers that die, lie and poison, within this process.
@Suite(.serialized) struct WorkerFaultTests {
    private func start(
        _ scratch: Scratch, _ change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> InProcessRun {
        var configuration = try TinyRun.configuration(scratch)
        change(&configuration)
        return try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
    }

    private func events(_ scratch: Scratch) throws -> [EventRecord] {
        try RunDatabase.openReadOnly(RunDirectory(root: scratch.run)).events(last: 1000)
    }

    @Test(arguments: 0..<20) func `workers that die at random places do not change the bits`(seed: Int)
        async throws
    {
        let scratch = try Scratch()
        // A dead worker's name is free after this silence.
        let run = try start(scratch) { $0.deadlines.silence = 1 }
        let random = CounterRandom(seed: UInt64(seed))
        for worker in 0..<3 {
            // Dies before or after its n-th result is on its way; its next process comes under the same name.
            let draw = random.bits(.tests, step: 0, problem: worker, sample: 0, position: 0)
            Mortal(name: "worker-\(worker + 1)", run: run, draws: draw).live()
        }
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        #expect(status.report?.ledger.closes == true)
    }

    /// A worker whose processes say nothing more after some results, twice; the third one lives.
    private final class Mortal: Sendable {
        private let name: String
        private let run: InProcessRun
        private let draws: UInt64
        private let state = Mutex((life: 0, results: 0))

        init(name: String, run: InProcessRun, draws: UInt64) {
            self.name = name
            self.run = run
            self.draws = draws
        }

        func live() {
            let life = state.withLock { state in
                state.life += 1
                state.results = 0
                return state.life
            }
            run.add(name) { [self] message in
                let (isDead, isLast) = state.withLock { state -> (Bool, Bool) in
                    guard state.life == life else { return (true, false) }
                    guard life < 3, case .result = message else { return (false, false) }
                    state.results += 1
                    return (false, state.results > Int(draws >> (8 * life) & 3))
                }
                if isDead { return [] }
                if isLast {
                    live()
                    // Killed before the result was sent, or just after.
                    return draws >> (8 * life + 4) & 1 == 0 ? [] : [message]
                }
                return [message]
            }
        }
    }

    @Test func `claimed rewards are never used, and the liar is named`() async throws {
        let scratch = try Scratch()
        let run = try start(scratch)
        run.add("liar") { message in
            guard case .result(let result) = message else { return [message] }
            return [
                .result(
                    RolloutResult(
                        attempt: result.attempt, traces: result.traces,
                        claims: result.claims?.map { $0 == .correct ? .wrong : .correct })
                )
            ]
        }
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        #expect(try events(scratch).contains { $0.kind == "falseClaim" && $0.message.contains("liar") })
    }

    @Test(arguments: Poison.allCases)
    func `a poisoned result is dropped whole, counted, and its worker gets no more work`(_ poison: Poison)
        async throws
    {
        let scratch = try Scratch()
        let run = try start(scratch) { $0.audit.rate = 1 }
        run.add("evil") { poison.spoil($0) }
        run.add("honest")
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        #expect(report.ledger.dropped[poison.reason, default: 0] > 0)
        #expect(report.ledger.closes)
        let evil = try #require(report.workers.first { $0.name == "evil" })
        #expect(evil.results == 0 && evil.rejected > 0)
    }

    @Test func `a worker that knows seed, rate and code, and forges what these would not check, is caught`()
        async throws
    {
        let scratch = try Scratch()
        let run = try start(scratch)
        let configuration = try TinyRun.configuration(scratch)
        // What a draw from the seed would check of a newcomer, of whom four times as many traces are drawn.
        @Sendable func seedWouldCheck(_ id: SampleID) -> Bool {
            let words = CounterRandom.philox(
                counter: (
                    id.round.purpose.stream.rawValue, UInt32(id.sample), UInt32(id.problem),
                    UInt32(id.round.step) << 3 | 3
                ), key: (UInt32(configuration.seed), 0))
            return Double((UInt64(words.1) << 32 | UInt64(words.0)) >> 11) * 0x1p-53 < 4
                * configuration.audit.rate
        }
        run.add("forger") { message in
            guard case .result(let result) = message else { return [message] }
            let traces = result.traces.map {
                seedWouldCheck($0.id) ? $0 : Poison.otherLogProbabilities.spoil($0)
            }
            return [.result(RolloutResult(attempt: result.attempt, traces: traces, claims: result.claims))]
        }
        run.add("honest")
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        #expect(report.ledger.dropped[.auditFailed, default: 0] > 0)
        let forger = try #require(report.workers.first { $0.name == "forger" })
        #expect(forger.rejected > 0)
    }

    /// Workers that cannot generate what `isPoison` says.
    private func addPoisoned(
        _ run: InProcessRun, _ isPoison: @escaping @Sendable (AssignmentID) -> Bool
    ) {
        for name in ["one", "two"] {
            run.add(name) { message in
                guard case .result(let result) = message, isPoison(result.attempt.assignment) else {
                    return [message]
                }
                return [.failed(result.attempt, reason: "out of memory")]
            }
        }
    }

    @Test func `a problem that every worker fails over is set aside by name, and the run goes on`()
        async throws
    {
        let scratch = try Scratch()
        let run = try start(scratch) { $0.evaluation.problems = 1 }
        addPoisoned(run) { $0.round == RoundID(step: 1, purpose: .training) && $0.index == 1 }
        let result = try await run.run()
        #expect(result.steps == 4)
        let status = try RunStatus(of: RunDirectory(root: scratch.run))
        let aside = try #require(status.report?.setAside)
        #expect(aside.count == 1 && aside[0].problems.count == 2)
        #expect(aside[0].last.contains("out of memory"))
        #expect(status.report?.ledger.closes == true)
    }

    @Test func `what was set aside stays so when the coordinator comes back, and the bits are the same`()
        async throws
    {
        let scratch = try Scratch()
        let first = try start(scratch) { $0.evaluation.problems = 1 }
        addPoisoned(first) { $0.round == RoundID(step: 1, purpose: .training) && $0.index == 1 }
        let result = try await first.run()
        // A folder as a kill leaves it: records of all steps, no checkpoint after the first.
        for later in 1...4 {
            let checkpoint = scratch.run.appending(path: "checkpoints/step-00000\(later)")
            try FileManager.default.removeItem(at: checkpoint)
        }
        let second = try InProcessRun(RunSession.open(TinyRun.request(nil, at: scratch.run)))
        second.add("healthy")
        #expect(try await second.run().policySHA256 == result.policySHA256)
        #expect(try RunStatus(of: RunDirectory(root: scratch.run)).report?.setAside?.count == 1)
    }

    @Test func `a round that every worker fails over ends the run by name`() async throws {
        let scratch = try Scratch()
        let run = try start(scratch) { $0.evaluation.problems = 1 }
        addPoisoned(run) { $0.round == RoundID(step: 1, purpose: .training) }
        let failure = await #expect(throws: RunFailure.self) { try await run.run() }
        #expect("\(try #require(failure))".contains("out of memory"))
        #expect(try RunStatus(of: RunDirectory(root: scratch.run)).phase == "failed")
        #expect(await run.endings().map(\.code) == [1, 1])
    }

    @Test func `results that come twice are used once`() async throws {
        let scratch = try Scratch()
        let run = try start(scratch)
        run.add("echo") { message in
            if case .result = message { [message, message] } else { [message] }
        }
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        #expect(report.ledger.late[.duplicate, default: 0] > 0)
    }

    @Test func `a run without workers says what it waits for, and goes on when one comes`() async throws {
        let scratch = try Scratch()
        let run = try start(scratch)
        async let outcome = run.run()
        let directory = RunDirectory(root: scratch.run)
        var seen = false
        // Ends by itself: the run cannot end before the worker is added.
        for _ in 0..<400 where !seen {
            let waiting = try? RunStatus(of: directory).report?.waitingFor
            seen = waiting == "a worker to connect"
            if !seen { try await Task.sleep(for: .milliseconds(25)) }
        }
        #expect(seen)
        run.add("late")
        #expect(try await outcome.steps == 4)
    }

    @Test func `workers end well when the run does`() async throws {
        let scratch = try Scratch()
        let run = try start(scratch)
        run.add("worker-1")
        run.add("worker-2")
        _ = try await run.run()
        #expect(await run.endings().map(\.code) == [0, 0])
    }
}
