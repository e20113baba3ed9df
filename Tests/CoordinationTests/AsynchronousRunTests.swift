import Synchronization
import Testing

@testable import Coordination
@testable import Episodes
@testable import ModelFiles
@testable import Reinforcement
@testable import Rollouts
@testable import RunStore
@testable import Scheduling
@testable import Settings
@testable import Torch
@testable import Transformers
@testable import Wire

/// Runs whose workers are ahead of the learner, and rollouts under which the policy changes.
@Suite struct AsynchronousRunTests {
    private func finish(_ scratch: Scratch, _ onNewWeights: OnNewWeights) async throws -> RunResult {
        var configuration = try TinyRun.configuration(scratch, steps: 6)
        configuration.staleness = 2
        configuration.rollout.onNewWeights = onNewWeights
        configuration.audit.rate = 1
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        run.add("worker-1")
        return try await run.run()
    }

    @Test(arguments: OnNewWeights.allCases)
    func `workers are ahead of the learner, and no token is older than the bound`(
        _ onNewWeights: OnNewWeights
    )
        async throws
    {
        let scratch = try Scratch()
        let result = try await finish(scratch, onNewWeights)
        #expect(result.steps == 6)
        #expect(try await RunReplay(RunDirectory(root: scratch.run)).sha256() == result.policySHA256)
        let metrics = try MetricsFile.read(RunDirectory(root: scratch.run))
        let oldest = metrics.map(\.maxStaleness)
        #expect(oldest.count == 6 && oldest.allSatisfy { $0 <= 2 })
        // The worker begins the second step's round before the first one is learned from.
        #expect(oldest[1] >= 1)
        #expect(metrics.allSatisfy { $0.staleness <= Double($0.maxStaleness) })
        if onNewWeights == .finish { #expect(metrics.allSatisfy { $0.continued == 0 }) }
        // Every trace was computed again with the policies it names, and none was found wanting.
        let ledger = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report?.ledger)
        #expect(ledger.closes && ledger.dropped[.auditFailed] == nil && ledger.dropped[.staleVersion] == nil)
    }

    @Test func `a worker that is told to end leaves an asynchronous run with 0, and the run goes on`()
        async throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch, steps: 6)
        configuration.staleness = 2
        configuration.rollout.onNewWeights = .continue
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let leaver = Mutex<RolloutWorker?>(nil)
        let worker = run.add("leaver") { message in
            // It often has the next assignment by the time that its result is taken.
            if case .result = message { leaver.withLock { $0.take() }?.tell(.terminate) }
            return [message]
        }
        leaver.withLock { $0 = worker }
        run.add("stayer")
        #expect(try await run.run().steps == 6)
        #expect(await run.endings().map(\.code) == [0, 0])
        let ledger = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report?.ledger)
        // An assignment that crosses the goodbye on its way expires; what the worker holds it gives back.
        #expect(ledger.closes && ledger.expired <= 1)
    }

    // MARK: - The policy changes under a rollout

    @Test func `a rollout goes on with newer weights, and each token's log-probability is its own policy's`()
        async throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.staleness = 20
        configuration.rollout.onNewWeights = .continue
        configuration.prompt.direct = false
        configuration.rollout.slots = 1
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        let sizes = session.model.configuration
        try TorchLibrary.setThreads(1)
        let policies = try (0...20).map { try Policy(sizes, .random(seed: UInt64($0))) }
        let versions = try policies.enumerated().map { try PublishedPolicy(of: $1, PolicyVersion($0), .fp32) }

        let engine = DecoderEngine()
        let documents = try session.documents
        try await engine.prepare(documents, Digests(of: documents))
        try await engine.load(versions[0].manifest, versions[0].bytes)
        let assignment = try session.plan.training(step: 20, cursor: 0)[0]
        let attempt = AttemptID(assignment: assignment.id, incarnation: 1, number: 1)
        // One policy after another, each as soon as the one before is in place: every one has a token at least.
        @Sendable func offer(_ version: Int) {
            engine.interruptions.put(
                .init(manifest: versions[version].manifest, bytes: versions[version].bytes) { result in
                    if version < 20, case .success = result { offer(version + 1) }
                })
        }
        offer(1)
        let result = try await engine.generate(attempt, assignment)

        #expect(Set(result.traces.flatMap(\.segments).compactMap(\.version?.rawValue)) == Set(0...20))
        let mixed = result.traces.filter(\.isContinued)
        #expect(!mixed.isEmpty)
        for trace in result.traces {
            let versions = trace.segments.compactMap(\.version)
            #expect(trace.segments.reduce(0) { $0 + $1.tokens } == trace.tokens.count)
            #expect(zip(versions, versions.dropFirst()).allSatisfy { $0 < $1 })
        }
        let problems = Dictionary(
            uniqueKeysWithValues: assignment.problems.map { ($0.index, $0.problem) })
        let rule = session.rules.sampling(.training).rule
        for trace in mixed.prefix(4) {
            let problem = try #require(problems[trace.id.problem])
            let prompt = try session.rules.prompt(for: problem, .training)
            for (version, tokens) in zip(trace.segments.compactMap(\.version), trace.sampled) {
                let computed = try TraceAudit(policies[version.rawValue]).logProbabilities(
                    of: [
                        .init(
                            prompt: prompt + trace.tokens[..<tokens.lowerBound],
                            response: Array(trace.tokens[tokens]))
                    ],
                    rule)[0]
                for (ours, theirs) in zip(computed, trace.logProbabilities[tokens]) {
                    #expect(abs(ours - theirs) < 1e-4)
                }
            }
        }
    }

    @Test func `a rollout that nobody waits for ends before its time`() async throws {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.prompt.direct = false
        let session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        try TorchLibrary.setThreads(1)
        let base = try PublishedPolicy(
            of: Policy(session.model.configuration, .random(seed: 1)), PolicyVersion(0), .fp32)
        let engine = DecoderEngine()
        let documents = try session.documents
        try await engine.prepare(documents, Digests(of: documents))
        try await engine.load(base.manifest, base.bytes)
        let assignment = try session.plan.training(step: 0, cursor: 0)[0]
        let attempt = AttemptID(assignment: assignment.id, incarnation: 1, number: 1)
        engine.abandon(attempt)
        await #expect(throws: RolloutAbandoned.self) { try await engine.generate(attempt, assignment) }
        let early = AttemptID(assignment: assignment.id, incarnation: 1, number: 3)
        engine.curtail(early)
        await #expect(throws: NothingDone.self) { try await engine.generate(early, assignment) }
        let other = AttemptID(assignment: assignment.id, incarnation: 1, number: 2)
        #expect(try await engine.generate(other, assignment).traces.count == assignment.traceCount)
    }
}
