import Foundation
import GRDB
import Reinforcement
import Settings
import StrictConfiguration
import Testing

@testable import RunStore

@Suite struct PruningTests {
    let scratch: Scratch
    let run: RunDirectory
    let database: RunDatabase

    init() throws {
        scratch = try Scratch()
        run = try scratch.run()
        database = try RunDatabase.open(run)
        for step in 1...10 {
            try database.record(
                .sample(step: step), groups: [.sample(version: step - 1)], traceLimit: 100)
        }
    }

    private func versions() throws -> [Int] {
        Set(try database.traces(TraceFilter()).map(\.version)).sorted()
    }

    @Test func `without limits everything stays`() throws {
        try database.prune(RecordSettings(), now: 1e12)
        #expect(try database.steps().count == 10)
        #expect(try versions() == Array(0...9))
    }

    @Test func `the newest steps stay, with their groups and traces`() throws {
        try database.prune(RecordSettings { $0.keepSteps = 3 }, now: 0)
        #expect(try database.steps().map(\.step) == [8, 9, 10])
        #expect(try versions() == [7, 8, 9])
    }

    @Test func `what is older than the days allow goes`() throws {
        let times = try database.steps().map(\.time)
        try database.prune(RecordSettings { $0.keepDays = 1 }, now: times[0] + 86_400)
        #expect(try database.steps().count == 10)
        try database.prune(RecordSettings { $0.keepDays = 1 }, now: times[9] + 86_401)
        #expect(try database.steps().isEmpty && versions().isEmpty)
    }

    @Test func `a size is kept by dropping the oldest traces first`() throws {
        let text = String(repeating: "x", count: 1 << 18)
        for step in 11...30 {
            try database.record(.sample(step: step), groups: [.sample(version: step - 1)], traceLimit: 100)
            try database.write("fill") {
                try $0.execute(
                    sql: "UPDATE traces SET response = ? WHERE version = ?", arguments: [text, step - 1])
            }
        }
        let before = try database.usedBytes()
        #expect(before > 2 << 20)
        try database.prune(RecordSettings { $0.megabytes = 2 }, now: 0)
        #expect(try database.usedBytes() <= 2 << 20)
        #expect(try versions().last == 29)
        #expect(try database.steps().count == 30)
    }
}
