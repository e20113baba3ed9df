import Foundation
import Testing

@testable import RunStore

@Suite struct RunSeriesTests {
    let scratch: Scratch
    let run: RunDirectory

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
    }

    private func filled(steps: Int) throws -> RunDatabase {
        let database = try RunDatabase.open(run)
        for step in 1...steps {
            var metrics = StepMetrics.sample(step: step)
            metrics.accuracy = Double(step)
            metrics.loss = step == 1 ? nil : 0.5
            try database.record(metrics, groups: [], traceLimit: 0)
        }
        return database
    }

    private func column(_ name: String, of series: RunSeries) throws -> [Double?] {
        let place = try #require(series.names.firstIndex(of: name))
        return series.rows.map { $0[place] }
    }

    @Test func `curves have a row for each step after the one that is known`() throws {
        let series = try filled(steps: 5).series(after: 3)
        #expect(series.stride == 1)
        #expect(try column("step", of: series) == [4, 5])
        #expect(try column("accuracy", of: series) == [4, 5])
        #expect(try column("tokens_per_second", of: series) == [4500, 4500])
    }

    @Test func `many steps become means of neighbours, and what a step lacks is nothing`() throws {
        let database = try filled(steps: 6)
        let series = try database.series(points: 3)
        #expect(series.stride == 2)
        #expect(try column("step", of: series) == [2, 4, 6])
        #expect(try column("accuracy", of: series) == [1.5, 3.5, 5.5])
        #expect(try column("loss", of: series) == [0.5, 0.5, 0.5])
        #expect(try column("loss", of: database.series()) == [nil, 0.5, 0.5, 0.5, 0.5, 0.5])
    }

    @Test func `a run that has not begun has no curves`() throws {
        try Data().write(to: run.database)
        let records = try RunDatabase.openReadOnly(run)
        #expect(try records.series().rows.isEmpty)
    }

    @Test func `a reader notices that a run was written to`() throws {
        let writer = try filled(steps: 1)
        let reader = try RunDatabase.openReadOnly(run)
        let before = try reader.changeCounter()
        #expect(try reader.changeCounter() == before)
        try writer.record(.sample(step: 2), groups: [], traceLimit: 0)
        #expect(try reader.changeCounter() != before)
    }

    @Test func `the view of a run has its status, its curves and its events`() throws {
        let database = try filled(steps: 3)
        let event = EventRecord(time: 5, monotonic: 1, incarnation: 1, step: 2, kind: "note", message: "m")
        try database.record([event])
        try database.record(.phase, "done", time: 5)
        let view = try RunView(of: run, database, revision: 7, isLive: false, after: 1)
        #expect(view.status.phase == "done" && view.series.rows.count == 2)
        #expect(view.events == [event])
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(view.line().utf8)) as? [String: Any])
        #expect(json["revision"] as? Int == 7 && json["is_live"] as? Bool == false)
    }
}
