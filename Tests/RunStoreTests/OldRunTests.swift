import Foundation
import Reinforcement
import Scheduling
import Testing

@testable import RunStore

/// A run that was made with schema 1 of the records (`Tests/Golden/run-schema-1`): 2 steps of 4 problems × 4 samples, seed 7.
@Suite struct OldRunTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = RunDirectory(root: scratch.url.appending(path: "run"))
        let golden = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Golden/run-schema-1")
        try FileManager.default.copyItem(at: golden, to: run.root)
    }

    @Test func `the status of an old run is read`() throws {
        let status = try RunStatus(of: run)
        #expect(status.phase == "done" && status.step == 2 && status.steps == 2)
        #expect(status.heldoutAccuracy == [0: 0, 2: 0.25] && status.directAccuracy == [0: 0, 2: 0])
        #expect(status.report?.ledger.closes == true && status.report?.workers.map(\.name) == ["worker-1"])
        let result = try #require(status.result)
        #expect(result.policySHA256.hasPrefix("d81dceb3a82d") && result.heldoutFormatAfter == 0.5)
        #expect(result.heldoutGreedyAfter == nil && status.heldoutGreedy.isEmpty)
        #expect(result.thoughtLengthAfter == [3: 10, 4: 32, 5: 28.5])
        #expect(try run.readIdentity().created == Date(timeIntervalSince1970: 1_795_976_922))
    }

    @Test func `the traces of an old run are found before and after it has an index`() throws {
        var filter = TraceFilter()
        (filter.containing, filter.purpose) = ("think", nil)
        let before = try RunDatabase.openReadOnly(run).traces(filter)
        #expect(!before.isEmpty && before.allSatisfy { $0.tokenList == nil })
        for order in [TraceFilter.Order.best, .worst, .longest, .oldest] {
            filter.order = order
            #expect(try Set(RunDatabase.openReadOnly(run).traces(filter)) == Set(before))
        }
        filter.order = .newest
        filter.hasTokens = true
        #expect(try RunDatabase.openReadOnly(run).traces(filter).isEmpty)
        filter.hasTokens = false
        try RunDatabase.open(run).close()
        #expect(try RunDatabase.openReadOnly(run).traces(filter) == before)
        #expect(try RunStatus(of: run).thought != nil)
    }

    @Test func `the figures that old metrics have in extra are read`() throws {
        let metrics = try MetricsFile.read(run)
        let database = try RunDatabase.open(run)
        #expect(try database.steps() == metrics)
        #expect(metrics.map(\.step) == [1, 2] && metrics.map(\.tokens).reduce(0, +) == 902)
        #expect(metrics.map(\.schema) == [2, 2])
        #expect(
            metrics.allSatisfy { $0.entropy > 0 && $0.coordinatorSeconds > 0 && $0.credit == $0.accuracy })
        #expect(metrics.allSatisfy { $0.mismatch > 0 && $0.staleness == 0 && $0.maxStaleness == 0 })
        try database.close()
    }

    @Test func `old measurements, workers, events and traces are read, and new ones written beside them`()
        throws
    {
        let database = try RunDatabase.open(run)
        let last = try #require(try database.evaluations().last { $0.purpose == .evaluation })
        #expect(last.details.byDifficulty.keys.sorted() == [3, 4, 5])
        #expect(last.details.byDifficulty[3]?.thoughtLength == 10 && last.details.tokens > 0)
        #expect(try database.workers().map(\.worker.name) == ["worker-1"])
        #expect(try database.events(last: 100).contains { $0.kind == "workerJoined" })
        #expect(try database.traces(TraceFilter()).count == 8)
        try database.record(.sample(step: 3), groups: [.sample(version: 2)], traceLimit: 9)
        #expect(try database.steps().map(\.schema) == [2, 2, 2])
        try database.close()
    }

    @Test func `the state in an old checkpoint is read`() throws {
        let data = try Data(contentsOf: run.root.appending(path: "state.json"))
        let state = try RecordCoding.decode(RunState.self, from: data)
        #expect(state.schema == 1 && state.step == 2 && state.optimizerSteps == 2 && state.seed == 7)
        #expect(state.policySHA256.hasPrefix("d81dceb3a82d") && state.ledger.closes)
    }
}
