import Foundation
import Reinforcement
import Settings
import Testing

@testable import Coordination
@testable import RunStore

/// The take-off of accuracy in a run that is killed.
@Suite struct AhaRecordTests {
    private func metrics(_ step: Int) -> StepMetrics {
        var metrics = StepMetrics(step: step, incarnation: 1, time: 0)
        (metrics.accuracy, metrics.format) = (0.1 + 0.8 / (1 + exp(Double(30 - step) / 4)), 1)
        return metrics
    }

    /// - Returns: what each recording of steps found.
    private func record(_ run: RunDirectory, _ steps: ClosedRange<Int>, resumedAt step: Int? = nil)
        async throws
        -> (known: AhaMoment?, found: [AhaMoment])
    {
        let recorder = RunRecorder(
            run, journal: Journal(incarnation: 1, log: { _ in }), settings: RecordSettings())
        let event = step.map {
            EventRecord(time: 0, monotonic: 0, incarnation: 2, step: $0, kind: "resumed", message: "again")
        }
        let opened = try await recorder.open(at: step ?? 0, event: event)
        var found: [AhaMoment] = []
        for step in steps {
            if let aha = await recorder.record(metrics(step), groups: []) { found.append(aha) }
        }
        await recorder.close()
        return (opened.aha, found)
    }

    private func directory(_ scratch: Scratch) throws -> RunDirectory {
        let directory = try RunDirectory.prepare(at: scratch.run)
        try directory.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        return directory
    }

    private func events(_ run: RunDirectory) throws -> [Int?] {
        try RunDatabase.openReadOnly(run).events(last: .max).filter { $0.kind == "aha" }.map(\.step)
    }

    @Test func `the same take-off is found with and without a kill, before it and after it, once`()
        async throws
    {
        let scratch = try Scratch()
        let run = try directory(scratch)
        let whole = try await record(run, 1...60)
        let aha = try #require(whole.found.first)
        #expect(whole.found.count == 1 && (28...36).contains(aha.step))

        // The newest checkpoint is that of step 20: what was found later is cut and found again.
        let again = try await record(run, 21...60, resumedAt: 20)
        #expect(again.known == nil && again.found == [aha])
        // The newest checkpoint has it already.
        let late = try await record(run, 51...60, resumedAt: 50)
        #expect(late.known == aha && late.found.isEmpty)
        #expect(try events(run) == [aha.step])
    }

    @Test func `a run that was recorded before anybody looked gets its event when it goes on`() async throws {
        let scratch = try Scratch()
        let run = try directory(scratch)
        let database = try RunDatabase.open(run)
        for step in 1...60 { try database.record(metrics(step), groups: [], traceLimit: 0) }
        try database.close()
        let later = try await record(run, 61...70, resumedAt: 60)
        let aha = try #require(later.known)
        #expect((28...36).contains(aha.step) && aha.trace == nil && later.found.isEmpty)
        #expect(try events(run) == [aha.step])
    }
}
