import Foundation
import Reasoning
import Reinforcement
import RunStore
import Settings
import Testing

@Suite struct TracesCommandTests {
    /// A run with a response in which an escape sequence stands.
    private func run() throws -> Scratch {
        let scratch = try Scratch()
        let run = RunDirectory(root: scratch.url)
        try run.save(RunConfiguration())
        let records = try RunDatabase.open(run)
        let round = RoundID(step: 11, purpose: .training)
        let traces = ["<think>2*3=6</think>6", "\u{1B}[2Jseven"].enumerated().map { sample, response in
            ScoredTrace(
                trace: Trace(
                    id: SampleID(round: round, problem: 0, sample: sample), tokens: [1, 2, 3],
                    logProbabilities: [-1, -1, -1], version: round.version, finish: .end),
                response: response, form: nil, thought: nil,
                reward: sample == 0
                    ? Reward(format: 0.2, accuracy: 1, verdict: .correct)
                    : Reward(format: 0, accuracy: 0, verdict: .wrong))
        }
        let problem = Problem(id: "bills/7", question: "2*3=?", expected: "6", difficulty: 2)
        try records.record(
            StepMetrics(step: 12, incarnation: 1, time: 1),
            groups: [
                TraceGroup(
                    problem: AssignedProblem(index: 0, problem: problem), prompt: [], traces: traces,
                    worker: "w")
            ], traceLimit: 10, tokenLimit: 1)
        try records.close()
        return scratch
    }

    @Test func `traces of a step are shown by the number of the step that learned from them`() async throws {
        let scratch = try run()
        let outcome = try await PonderProcess.run(
            "traces", "--run", scratch.url.path, "--step", "12", "--best")
        #expect(outcome.status == 0)
        #expect(outcome.lines.first == "step 12, bills/7, sample 0  right  reward 1.20  3 tokens")
        #expect(outcome.output.contains("2*3=?   (expected 6)\n<think>2*3=6</think>6\n"))
        let none = try await PonderProcess.run("traces", "--run", scratch.url.path, "--step", "11")
        #expect(none.output.isEmpty && none.errors.contains("no recorded trace matches"))
    }

    @Test func `an escape sequence in a response does not reach the terminal`() async throws {
        let scratch = try run()
        let outcome = try await PonderProcess.run("traces", "--run", scratch.url.path, "--verdict", "wrong")
        #expect(outcome.output.contains("␛[2Jseven") && !outcome.output.contains("\u{1B}"))
    }

    @Test func `JSON has every fact of a trace`() async throws {
        let scratch = try run()
        let outcome = try await PonderProcess.run(
            "traces", "--run", scratch.url.path, "--json", "--text", "2*3", "--min-reward", "1")
        let object = try outcome.object()
        #expect(object["problem_id"] as? String == "bills/7" && object["version"] as? Int == 11)
        #expect(try outcome.objects().count == 1)
    }

    @Test func `tokens come with log-probability, advantage and policy, where they are kept`() async throws {
        let scratch = try run()
        let table = try await PonderProcess.run("traces", "--run", scratch.url.path, "--tokens")
        let rows = table.lines.map { $0.split(whereSeparator: \.isWhitespace) }
        // The run has no checkpoint, so the tokens have no text.
        #expect(
            rows.suffix(3).map { $0.map(String.init) }
                == (1...3).map { ["\($0)", "-1.0000", "0.6000", "11"] })
        #expect(table.lines.count == 7)
        let json = try await PonderProcess.run("traces", "--run", scratch.url.path, "--tokens", "--json")
        let tokens = try #require(try json.object()["token_list"] as? [[String: Any]])
        #expect(tokens.count == 3 && tokens[0]["log_probability"] as? Double == -1)
        let without = try await PonderProcess.run("traces", "--run", scratch.url.path, "--json")
        #expect(try without.objects().count == 2 && !without.output.contains("token_list"))
    }

    @Test func `the benchmark of traces finds what it recorded by every filter`() async throws {
        let outcome = try await PonderProcess.run(
            "benchmark", "traces", "--traces", "2560", "--repeats", "1", "--json")
        let object = try outcome.object()
        #expect(object["traces"] as? Int == 2560)
        let bytes = try #require(object["other_bytes_per_trace"] as? Double)
        #expect(bytes > 50 && bytes < 1024)
        let filters = try #require(object["filters"] as? [[String: Any]])
        for filter in filters {
            let name = try #require(filter["name"] as? String)
            let isEmpty =
                name.hasPrefix("no such") || name.hasPrefix("problem") || name.hasSuffix("no such verdict")
            #expect(isEmpty || filter["found"] as? Int ?? 0 > 0, "\(name)")
        }
    }

    @Test(arguments: [["--step", "5-2"], ["--step", "x"], ["--verdict", "good"], ["--limit", "0"]])
    func `a filter that cannot be is refused`(_ arguments: [String]) async throws {
        let outcome = try await PonderProcess.run(["traces", "--run", "x"] + arguments)
        #expect(outcome.status == 2)
    }

    @Test func `a run in which nothing changed says so`() async throws {
        let scratch = try run()
        let outcome = try await PonderProcess.run("traces", "--run", scratch.url.path, "--changed")
        #expect(outcome.status == 1 && outcome.errors.contains("no held-out problem"))
    }
}
