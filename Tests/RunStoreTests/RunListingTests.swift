import Foundation
import Reinforcement
import Settings
import Testing

@testable import RunStore

@Suite struct RunListingTests {
    let scratch: Scratch
    let parent: URL

    init() throws {
        scratch = try Scratch()
        parent = scratch.url.appending(path: "runs")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    }

    @discardableResult
    private func run(
        _ name: String, created: Double, correct: [Int: Int] = [:],
        change: (inout RunConfiguration) -> Void = { _ in }
    ) throws -> RunDirectory {
        let run = try RunDirectory.prepare(at: parent.appending(path: name))
        var configuration = RunConfiguration()
        change(&configuration)
        try run.start(configuration, identity: RunIdentity(created: Date(timeIntervalSince1970: created)))
        let records = try RunDatabase.open(run)
        for (version, correct) in correct {
            try records.record(
                EvaluationRecord(
                    version: PolicyVersion(version), purpose: .evaluation, time: 1, problems: 8,
                    correct: correct,
                    formatted: 8, thoughtLength: 3))
            if version > 0 { try records.record(.sample(step: version), groups: [], traceLimit: 0) }
        }
        try records.close()
        return run
    }

    @Test func `runs are listed by the time they began, with what they reached`() throws {
        try run("b", created: 10, correct: [0: 1, 20: 6])
        try run("a", created: 20)
        try FileManager.default.createDirectory(
            at: parent.appending(path: "no-run"), withIntermediateDirectories: true)
        let runs = try RunDirectory.runs(in: parent)
        #expect(runs.map(\.root.lastPathComponent) == ["b", "a"])
        let first = RunListing(of: runs[0])
        #expect(first.heldoutAccuracyBefore == 0.125 && first.heldoutAccuracyNow == 0.75)
        #expect(first.step == 20 && first.steps == RunConfiguration().steps && first.model == "embedded")
        #expect(try RunDirectory.newest(in: parent).root.lastPathComponent == "a")
    }

    @Test func `a run that cannot be read is listed with the reason`() throws {
        let broken = try run("broken", created: 1)
        try Data("nonsense: 1".utf8).write(to: broken.configurationFile)
        let listing = RunListing(of: broken)
        #expect(listing.problem?.contains("nonsense") == true && listing.step == nil)
    }

    @Test func `a folder without runs has no newest one`() throws {
        #expect(throws: RunDirectoryError.self) { try RunDirectory.newest(in: parent) }
        #expect(throws: RunDirectoryError.self) {
            try RunDirectory.runs(in: parent.appending(path: "nowhere"))
        }
    }

    @Test func `a comparison has the settings that differ and the figures side by side`() throws {
        let first = try run("a", created: 1, correct: [0: 1, 20: 4])
        let second = try run("b", created: 2, correct: [0: 1, 20: 8]) { $0.learning.rate = 1e-4 }
        let comparison = try RunComparison(first, second)
        #expect(comparison.settings.map(\.name) == ["learning.rate"])
        #expect(comparison.settings[0].values[1]?.contains("0.0001") == true)
        let now = try #require(comparison.results.first { $0.name == "heldout_accuracy_now" })
        #expect(now.values == ["0.5", "1"])
        // Neither run was asked directly.
        #expect(!comparison.results.contains { $0.name == "direct_accuracy_now" })
        #expect(try RunComparison(first, first).settings.isEmpty)
    }
}
