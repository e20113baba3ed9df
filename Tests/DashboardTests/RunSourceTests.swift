import Foundation
import RunStore
import Testing

@testable import Dashboard

@Suite struct RunSourceTests {
    private struct Shown: Decodable {
        struct Series: Decodable { let rows: [[Double?]] }
        let revision: Int
        let is_live: Bool
        let after: Int
        let series: Series
        var steps: [Int] { series.rows.compactMap { $0[0].map { Int($0) } } }
    }

    private func view(_ source: RunSource, after step: Int = 0, from revision: Int = 0) async throws -> Shown
    {
        try JSONDecoder().decode(Shown.self, from: try await source.view(after: step, from: revision))
    }

    @Test func `a client gets what it lacks, and one reading of a state serves all clients`() async throws {
        let run = try SampleRun()
        try run.record(step: 1)
        let source = RunSource(run.directory)
        let first = try await view(source)
        #expect(first.steps == [1] && !first.is_live)
        #expect(try await source.look().revision == first.revision)
        #expect(try await source.view(after: 0, from: 0) == source.view(after: 0, from: first.revision))
        try run.record(step: 2)
        let next = try await view(source, after: 1, from: first.revision)
        #expect(next.after == 1 && next.steps == [2] && next.revision > first.revision)
    }

    @Test func `after a resume from an older checkpoint a client gets everything again`() async throws {
        let run = try SampleRun()
        for step in 1...3 { try run.record(step: step) }
        let source = RunSource(run.directory)
        let first = try await view(source)
        let event = EventRecord(
            time: 9, monotonic: 0, incarnation: 2, step: 1, kind: "resumed", message: "from step 1")
        try run.records.cut(after: 1, event: event)
        for step in 2...4 { try run.record(step: step, time: 100 + Double(step)) }
        let next = try await view(source, after: 3, from: first.revision)
        #expect(next.after == 0 && next.steps == [1, 2, 3, 4])
        #expect(try await view(source, after: 3, from: next.revision).steps == [4])
    }

    @Test func `a run is live while a process holds it, from before its records exist`() async throws {
        let run = try SampleRun()
        let source = RunSource(run.directory)
        #expect(try await !source.look().isLive)
        do {
            let lock = try RunLock.acquire(run.directory)
            #expect(try await source.look().isLive)
            withExtendedLifetime(lock) {}
        }
        #expect(try await !source.look().isLive)
    }

    @Test func `open pages are told of a change, and are let go when the run has ended`() async throws {
        let run = try SampleRun()
        try run.record(step: 1)
        let feed = RunFeed([RunSource(run.directory)])
        #expect(await feed.messages() == nil)
        var lock: RunLock? = try RunLock.acquire(run.directory)
        var messages = try #require(await feed.messages()).makeAsyncIterator()
        let first = await messages.next()
        try run.record(step: 2)
        let second = await messages.next()
        #expect(first != nil && second != nil && first != second)
        withExtendedLifetime(lock) {}
        lock = nil
        let last = await messages.next()
        #expect(last.map { String(decoding: $0, as: UTF8.self).contains("\"live\":[false]") } == true)
        #expect(await messages.next() == nil)
    }
}
