import Foundation
import Testing

@testable import RunStore
@testable import Scheduling
@testable import ponder

/// What `ponder status` prints for people.
@Suite struct StatusTextTests {
    private func worker(_ name: String, on machine: String, _ state: CoordinatorReport.Worker.State = .idle)
        -> CoordinatorReport.Worker
    {
        CoordinatorReport.Worker(
            name: name, key: nil, host: "h", process: 7, machine: machine, state: state, version: 3,
            tokensPerSecond: 10.5, secondsSinceSeen: 0, results: 1, rejected: 0, strikes: 0, scrutiny: nil,
            deaths: 0, generates: nil)
    }

    private func status(
        _ workers: [CoordinatorReport.Worker], setAside: [CoordinatorReport.SetAside] = []
    ) -> RunStatus {
        var status = RunStatus(phase: "running", folder: "/runs/a", steps: 9)
        status.report = CoordinatorReport(
            run: "r", incarnation: 1, newestVersion: 3, waitingFor: "results of 2 assignments",
            waitingSeconds: 1.5,
            rounds: [], workers: workers, setAside: setAside, ledger: Ledger())
        return status
    }

    @Test func `status warns when workers compute on different machines`() {
        let same = status([worker("a", on: "this one"), worker("b", on: "this one")])
        #expect(!same.text.contains("bits may differ"))
        let gone = status([worker("a", on: "that one", .gone), worker("b", on: "this one")])
        #expect(!gone.text.contains("bits may differ"))
        let different = status([worker("a", on: "that one"), worker("b", on: "this one")])
        #expect(different.text.contains("on different machines, so bits may differ: that one; this one"))
    }

    @Test func `status says what is waited for, what was set aside, and since when the run was open`() {
        var status = status(
            [],
            setAside: [
                .init(
                    assignment: "part 1 of step 2", problems: ["p/1", "p/2"], attempts: 3,
                    last: "out of memory")
            ])
        status.insecure = "open to anyone since today"
        status.trouble = "the disk is full"
        status.heldoutAccuracy = [0: 0.125, 2: 0.5]
        let text = status.text
        #expect(text.contains("waiting for results of 2 assignments, since 1.5 s"))
        #expect(text.contains("SET ASIDE: part 1 of step 2, problems p/1, p/2: 3 attempts failed"))
        #expect(text.contains("INSECURE: open to anyone since today"))
        #expect(text.contains("ALARM: the disk is full"))
        #expect(text.contains("held out, policy 0 → 2: right 12.5 → 50.0 % sampled"))
    }

    @Test func `status shows what was right sampled, greedily and asked directly, and the curve`() {
        var status = status([])
        status.heldoutAccuracy = [0: 0.066, 20: 0.84, 130: 1]
        status.heldoutGreedy = [0: 0, 20: 0.9, 130: 1]
        status.directAccuracy = [0: 0.07, 20: 0.01, 130: 0.012]
        let lines = status.text.split(separator: "\n")
        #expect(
            lines.contains("  held out, policy 0 → 130: right 6.6 → 100.0 % sampled, 0.0 → 100.0 % greedy"))
        #expect(lines.contains("    7.0 → 1.2 % asked directly  ▁▇█"))
    }

    @Test func `status shows the share of groups that teach nothing, in 80 columns`() {
        var metrics = StepMetrics(step: 2, incarnation: 1, time: 0)
        (metrics.groups, metrics.silentGroups, metrics.tokens, metrics.seconds) = (32, 18, 99_999, 1)
        (metrics.reward, metrics.format, metrics.accuracy, metrics.thoughtLength) = (1.2, 1, 1, 1234)
        var status = status([])
        status.add(metrics)
        let line = status.text.split(separator: "\n")[1]
        #expect(line.contains("silent 56 %") && line.count <= 80, "\(line)")
    }

    @Test func `status shows partial credit and undecided answers`() {
        var metrics = StepMetrics(step: 2, incarnation: 1, time: 0)
        metrics.accuracy = 0.25
        metrics.credit = 0.5
        metrics.undecided = 3
        var status = status([])
        status.add(metrics)
        #expect(status.text.contains("verdicts: credit 50.0 %  3 undecided"))
    }

    @Test func `the JSON of a status has snake_case keys, and reads back`() throws {
        let status = status([worker("a", on: "this one")])
        let line = try status.line()
        for key in ["waiting_for", "tokens_per_second", "newest_version", "set_aside", "heldout_accuracy"] {
            #expect(line.contains("\"\(key)\""), "\(key)")
        }
        #expect(line.firstMatch(of: #/"[a-z]+[A-Z][A-Za-z]*":/#) == nil, "\(line)")
        let again = try RunStatus(json: Data(line.utf8))
        #expect(again.report == status.report)
    }
}
