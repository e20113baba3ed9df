import Foundation
import RunStore
import Settings
import Testing

@Suite struct RunsCommandTests {
    private func runs() throws -> Scratch {
        let scratch = try Scratch()
        for (place, name) in ["first-run-with-a-name-of-its-own", "second"].enumerated() {
            let run = try RunDirectory.prepare(at: scratch.url.appending(path: "runs/\(name)"))
            var configuration = RunConfiguration()
            configuration.steps = 10 + place
            try run.start(
                configuration,
                identity: RunIdentity(created: Date(timeIntervalSince1970: 1e9 + Double(place))))
        }
        return scratch
    }

    @Test func `runs are listed in 80 columns and as JSON, oldest first`() async throws {
        let scratch = try runs()
        let folder = scratch.path("runs")
        let table = try await PonderProcess.run("runs", folder)
        try #require(table.status == 0 && table.lines.count == 3)
        #expect(table.lines.allSatisfy { $0.count <= 80 })
        #expect(table.lines[1].hasPrefix("09-09 01:46") && table.lines[2].contains("second"))
        let objects = try await PonderProcess.run("runs", folder, "--json").objects()
        #expect(objects.map { $0["steps"] as? Int } == [10, 11])
    }

    @Test func `two runs are compared by name`() async throws {
        let scratch = try runs()
        let outcome = try await PonderProcess.run(
            "compare", scratch.path("runs/first-run-with-a-name-of-its-own"), scratch.path("runs/second"))
        #expect(outcome.status == 0)
        #expect(outcome.lines.contains { $0.split(separator: " ") == ["steps", "10", "11"] })
    }

    @Test func `a fork of a run without a checkpoint ends with 2 and makes no folder`() async throws {
        let scratch = try runs()
        let outcome = try await PonderProcess.run(
            "train", "--fork", scratch.path("runs/second"), "--run", scratch.path("fork"))
        #expect(outcome.status == 2 && outcome.errors.contains("has no checkpoint yet"))
        #expect(!FileManager.default.fileExists(atPath: scratch.path("fork")))
        let missing = try await PonderProcess.run("train", "--fork", scratch.path("runs/second") + "@7")
        #expect(missing.status == 6 && missing.errors.contains("step 7"))
    }
}
