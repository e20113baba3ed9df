import Foundation
import Testing

@testable import Reasoning
@testable import Reinforcement
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

    private func text(_ status: RunStatus, verbose: Bool = false) -> String {
        StatusText(status: status, verbose: verbose).text
    }

    @Test func `status warns when workers compute on different machines`() {
        let same = status([worker("a", on: "this one"), worker("b", on: "this one")])
        #expect(!text(same).contains("bits may differ"))
        let gone = status([worker("a", on: "that one", .gone), worker("b", on: "this one")])
        #expect(!text(gone).contains("bits may differ"))
        let different = status([worker("a", on: "that one"), worker("b", on: "this one")])
        let words = text(different).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("on different machines, so bits may differ: that one; this one"))
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
        let text = text(status)
        #expect(text.contains("waiting    for results of 2 assignments, since 1.5 s"))
        #expect(text.contains("SET ASIDE  part 1 of step 2, problems p/1, p/2: 3 attempts failed"))
        #expect(text.contains("INSECURE   open to anyone since today"))
        #expect(text.contains("ALARM      the disk is full"))
        #expect(text.contains("held out   policy 0 → 2: 12.5 → 50.0 % sampled"))
    }

    @Test func `status shows what was right sampled, greedily and asked directly, and the curve`() {
        var status = status([])
        status.heldoutAccuracy = [0: 0.066, 20: 0.84, 130: 1]
        status.heldoutGreedy = [0: 0, 20: 0.9, 130: 1]
        status.directAccuracy = [0: 0.07, 20: 0.01, 130: 0.012]
        let lines = text(status).split(separator: "\n")
        #expect(lines.contains("held out   policy 0 → 130: 6.6 → 100.0 % sampled, 0.0 → 100.0 % greedy"))
        #expect(lines.contains("           7.0 → 1.2 % asked directly  ▁▇█"))
    }

    @Test func `status shows the curve of training, silent groups, and where the step's time went`() {
        var status = status([worker("a", on: "m", .generating)])
        for step in 1...4 {
            var metrics = StepMetrics(step: step, incarnation: 1, time: 0)
            (metrics.groups, metrics.silentGroups, metrics.tokens) = (32, 18, 1000)
            (metrics.seconds, metrics.generationSeconds, metrics.learningSeconds) = (2, 1.25, 0.5)
            (metrics.elapsed, metrics.publishingSeconds) = (2 * Double(step), 0.125)
            metrics.accuracy = Double(step) / 4
            status.add(metrics)
        }
        let text = text(status)
        #expect(text.hasPrefix("running  step 4 of 9  policy 3  00:10 left"))
        #expect(text.contains("training   right 100 %  form 0 %  reward 0.00  ▃▅▇█"))
        #expect(text.contains("500 tokens/s") && text.contains("silent groups 18 of 32"))
        #expect(
            text.contains(
                "last step  2.12 s: generation 1.25, learning 0.50, publishing 0.12, waiting 0.25"))
    }

    @Test func `a worker's row has its state, its lag, its rate and when it was last heard`() {
        var status = status([worker("a", on: "m", .generating)])
        status.age = 2
        let rows = text(status).split(separator: "\n").suffix(2).map {
            $0.split(whereSeparator: \.isWhitespace)
        }
        #expect(rows.first == ["worker", "state", "lag", "tok/s", "seen", "results"])
        #expect(rows.last == ["a", "generating", "0", "10", "2.0", "s", "1"])
        let many = self.status((0..<1000).map { worker("w\($0)", on: "m") })
        #expect(text(many).split(separator: "\n").last == "… and 988 more (--verbose)")
        #expect(text(many, verbose: true).split(separator: "\n").count > 1000)
    }

    @Test func `reasons of the ledger are shown when asked for`() {
        var ledger = Ledger()
        ledger.issue()
        ledger.drop(.superseded)
        var status = status([])
        status.report = CoordinatorReport(
            run: "r", incarnation: 1, newestVersion: 3, waitingFor: "x", waitingSeconds: 0, rounds: [],
            workers: [], setAside: nil, ledger: ledger)
        #expect(text(status).contains("issued 1 = used 0 + dropped 1 + expired 0 + outstanding 0"))
        #expect(!text(status).contains("superseded"))
        #expect(text(status, verbose: true).contains("dropped: superseded 1"))
    }

    @Test(arguments: [
        ("killed", "the coordinator stopped at 2026-01-02 03:04:05 UTC, step 0"),
        ("interrupted", "the run was interrupted at 2026-01-02 03:04:05 UTC, step 0"),
        ("failed", "the run failed at 2026-01-02 03:04:05 UTC, step 0"),
    ])
    func `a run that has stopped says when, at which step, and how it goes on`(phase: String, words: String) {
        var status = status([])
        (status.phase, status.time) = (phase, 1_767_323_045)
        let shown = text(status).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(shown.contains("\(words); resume with: ponder coordinator --run /runs/a"))
        #expect(!shown.contains("waiting for"))
    }

    @Test func `what models and other machines say cannot leave its 80 columns or reach the terminal`() throws
    {
        let evil = "\u{1B}[2J\u{9B}31m\r\n\u{202E}" + String(repeating: "漢字شكرا👍🏽e\u{301} ", count: 60)
        var status = status([worker(evil, on: evil), worker("b", on: "m")])
        (status.trouble, status.insecure) = (evil, evil)
        let event = EventRecord(time: 0, monotonic: 0, incarnation: 1, step: 1, kind: evil, message: evil)
        status.events = [RunStatus.Event(event)]
        let group = TraceGroup(
            problem: AssignedProblem(
                index: 0, problem: Problem(id: evil, question: evil, expected: evil, difficulty: 1)),
            prompt: [],
            traces: [
                ScoredTrace(
                    trace: Trace(
                        id: SampleID(
                            round: RoundID(step: 0, purpose: .training), problem: 0, sample: 0), tokens: [1],
                        logProbabilities: [0], version: PolicyVersion(0), finish: .end),
                    response: evil, form: nil, thought: nil,
                    reward: Reward(format: 0, accuracy: 0, verdict: nil))
            ], worker: "w")
        status.thought = RunStatus.Thought([group], step: 1)
        for verbose in [false, true] {
            let lines = StatusText(status: status, verbose: verbose).lines
            for line in lines {
                #expect(line.columns <= 80, "\(line)")
                #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
                #expect(!line.unicodeScalars.contains { (0x202A...0x202E).contains($0.value) })
            }
            #expect(lines.contains { $0.contains("漢字") } && lines.count > 12)
        }
    }

    @Test func `status shows partial credit and undecided answers`() {
        var metrics = StepMetrics(step: 2, incarnation: 1, time: 0)
        metrics.accuracy = 0.25
        metrics.credit = 0.5
        metrics.undecided = 3
        var status = status([])
        status.add(metrics)
        #expect(text(status).contains("verdicts: credit 50.0 %  3 undecided"))
    }

    @Test func `the JSON of a status has snake_case keys, and reads back`() throws {
        let status = status([worker("a", on: "this one")])
        let line = try status.line()
        for key in ["waiting_for", "tokens_per_second", "newest_version", "set_aside", "heldout_accuracy"] {
            #expect(line.contains("\"\(key)\""), "\(key)")
        }
        #expect(line.firstMatch(of: #/"[a-z]+[A-Z][A-Za-z]*":/#) == nil, "\(line)")
        let again = try RunStatus(json: Data(line.utf8))
        #expect(again.report == status.report && line.contains("\"schema\":3"))
    }
}
