import Foundation
import Host
import Reasoning
import Reinforcement
import RunStore
import Scheduling
import Settings
import Testing

@testable import Coordination
@testable import ExternalPrograms
@testable import Service

/// Whole runs whose answers a program of the user's judges.
@Suite(.serialized) struct ExternalVerifierTests {
    /// A tiny run with a program that replies to each question `q` as `body` says.
    private func configuration(_ scratch: Scratch, _ body: String) throws -> RunConfiguration {
        let path = scratch.url.appending(path: "verify.py").path
        let text = """
            import sys, json
            for line in sys.stdin:
                q = json.loads(line)
                try: right = int(q["answer"]) == int(q["expected"])
                except ValueError: right = False
                print(json.dumps({"id": q["id"], **(\(body))}), flush=True)
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        var configuration = try TinyRun.configuration(scratch)
        configuration.problems.verifier = "external"
        configuration.verifier.command = ["python3", path]
        return configuration
    }

    private func write(_ configuration: RunConfiguration, _ scratch: Scratch) throws -> String {
        let file = scratch.url.appending(path: "run.yaml")
        try Data(configuration.yaml.utf8).write(to: file)
        return file.path
    }

    private func metrics(_ scratch: Scratch) throws -> [StepMetrics] {
        try MetricsFile.read(RunDirectory(root: scratch.run))
    }

    @Test func `train with a program that says what the built-in verifier says gives the same bits`()
        async throws
    {
        let scratch = try Scratch()
        let file = try write(try configuration(scratch, #"{"correct": right}"#), scratch)
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path, "--workers", "2"])
        #expect(await train.end() == .exited(0))
        #expect(
            try train.result().policySHA256 == (try await Undisturbed.shared.result()).policySHA256,
            "\(train.output)")
        #expect(try metrics(scratch).allSatisfy { $0.undecided == 0 })
    }

    @Test func `partial credit and undecided answers are counted and shown`() async throws {
        let scratch = try Scratch()
        let body = #"{"undecided": True} if "-" in q["answer"] else {"reward": 1 if right else 0.25}"#
        let configuration = try configuration(scratch, body)
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let permission = ProgramPermission([ShellWords.quoted(configuration.verifier.command)])
        run.add("worker-1", permission: permission)
        _ = try await run.run()
        let metrics = try metrics(scratch)
        #expect(metrics.allSatisfy { $0.undecided > 0 && $0.credit > $0.accuracy })
        let last = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).last)
        #expect(last.verdictNotes.count == 2)
        #expect(run.log.all.contains { $0.contains("undecided") && $0.contains("credit") })
        let database = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run))
        var filter = TraceFilter()
        filter.verdict = .partial
        #expect(try database.traces(filter).first?.reward.accuracy == 0.25)
        filter.verdict = .undecided
        #expect(try database.traces(filter).allSatisfy { $0.reward.total == 0 })
    }

    @Test func `an excluded answer leaves its group, and counts as not right where policies are measured`()
        async throws
    {
        let scratch = try Scratch()
        let body = #"{"undecided": True} if not right else {"reward": 1}"#
        var configuration = try configuration(scratch, body)
        configuration.reward.undecided = .exclude
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        run.add(
            "worker-1", permission: ProgramPermission([ShellWords.quoted(configuration.verifier.command)]))
        _ = try await run.run()
        let metrics = try metrics(scratch)
        // Only right answers and none at all are left: there is variance where a response was cut.
        #expect(metrics.allSatisfy { $0.excluded == $0.undecided && $0.undecided > 0 })
        let database = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run))
        #expect(try database.evaluations().allSatisfy { $0.correct + $0.details.undecided <= $0.problems })
        #expect(try database.evaluations().contains { $0.details.undecided > 0 })
        var filter = TraceFilter()
        filter.verdict = .undecided
        #expect(try database.traces(filter).allSatisfy { $0.reward.isExcluded && $0.reward.total == 0 })
    }

    @Test func `each further reward is judged, weighed and logged, and problems may name their verifier`()
        async throws
    {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        let script = scratch.url.appending(path: "my.py")
        try Data("def low(answer): return answer < '5'\n".utf8).write(to: script)
        let function = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Scripts/verifiers/function.py").path
        let command = ["python3", function, "\(script.path):low"]
        configuration.rewards = [
            RewardSettings(name: "same", weight: 0.5, judge: .verifier("exact")),
            RewardSettings(name: "low", weight: -0.25, judge: .command(command)),
        ]
        let digits = (0...9).map { "\"\($0).0\"" }.joined(separator: ", ")
        let lines = (0..<60).map {
            #"{"question": "\#($0)=?", "expected": [\#(digits)]\#($0 % 2 == 0 ? #", "verifier": "exact""# : "")}"#
        }
        try Data(lines.joined(separator: "\n").utf8).write(
            to: URL(filePath: configuration.problems.path ?? ""))
        configuration.audit.verifierRate = 1
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let permission = ProgramPermission([ShellWords.quoted(command)])
        // Claims about the verifiers that come with Ponder are never used, beside those of a program either.
        run.add("liar", permission: permission) { message in
            guard case .result(let result) = message, var claims = result.claims else { return [message] }
            for place in claims.indices where place % 3 == 0 && claims[place] != nil {
                claims[place] = .correct
            }
            return [.result(RolloutResult(attempt: result.attempt, traces: result.traces, claims: claims))]
        }
        _ = try await run.run()
        let metrics = try metrics(scratch)
        #expect(metrics.allSatisfy { $0.rewards?.keys.sorted() == ["low", "same"] })
        #expect(metrics.allSatisfy { ($0.rewards?["low"] ?? 0) > 0 && $0.rewards?["same"] == 0 })
        let database = try RunDatabase.openReadOnly(RunDirectory(root: scratch.run))
        var filter = TraceFilter()
        filter.limit = 10_000
        let traces = try database.traces(filter)
        #expect(traces.contains { $0.reward.verdict == .correct })
        for trace in traces where trace.reward.verdict != nil {
            let isLow = trace.response < "5"
            #expect(trace.reward.further.map(\.value) == [0, isLow ? -0.25 : 0])
            // Even questions want one of the very texts, which end with `.0`.
            if (Int(trace.question.prefix { $0.isNumber }) ?? 1) % 2 == 0 {
                #expect(trace.reward.verdict == .wrong)
            }
        }
    }

    @Test func `a worker that claims other verdicts than the program's is found out`()
        async throws
    {
        let scratch = try Scratch()
        var configuration = try configuration(scratch, #"{"correct": right}"#)
        configuration.audit.verifierRate = 1
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let permission = ProgramPermission([ShellWords.quoted(configuration.verifier.command)])
        run.add("liar", permission: permission) { message in
            guard case .result(let result) = message else { return [message] }
            return [
                .result(
                    RolloutResult(
                        attempt: result.attempt, traces: result.traces,
                        claims: result.claims?.map { $0 == nil ? nil : .correct }))
            ]
        }
        run.add("honest", permission: permission)
        let result = try await run.run()
        #expect(result.policySHA256 == (try await Undisturbed.shared.result()).policySHA256)
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        #expect(report.ledger.dropped[.auditFailed, default: 0] > 0)
        let liar = try #require(report.workers.first { $0.name == "liar" })
        #expect(liar.rejected > 0)
    }

    @Test func `a result without verdicts is refused where a program says what is right`() async throws {
        let scratch = try Scratch()
        let configuration = try configuration(scratch, #"{"correct": right}"#)
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        let permission = ProgramPermission([ShellWords.quoted(configuration.verifier.command)])
        run.add("silent", permission: permission) { message in
            guard case .result(let result) = message else { return [message] }
            return [.result(RolloutResult(attempt: result.attempt, traces: result.traces, claims: nil))]
        }
        run.add("honest", permission: permission)
        _ = try await run.run()
        let report = try #require(try RunStatus(of: RunDirectory(root: scratch.run)).report)
        #expect(report.ledger.dropped[.unscorable, default: 0] > 0)
    }

    @Test func `a worker that was not told to run the program ends with 4 and names the flag`() async throws {
        let scratch = try Scratch()
        let file = try write(try configuration(scratch, #"{"correct": right}"#), scratch)
        let endpoint = "ipc://\(scratch.url.path)/control"
        let coordinator = try PonderProcess(
            scratch, ["coordinator", file, "--bind", endpoint, "--run", scratch.run.path])
        let worker = try PonderProcess(scratch, ["worker", "--connect", endpoint])
        #expect(await worker.end() == .exited(4))
        #expect(worker.output.contains("--allow-verifier 'python3 "))
        kill(coordinator.child.id, SIGTERM)
        #expect(await coordinator.end() == .exited(5))
    }

    @Test(arguments: [["no-such-program-anywhere"], ["false"], ["echo", "hello"]])
    func `a program that does not work ends train with 2 before anything is written`(_ command: [String])
        async throws
    {
        let scratch = try Scratch()
        var configuration = try configuration(scratch, "{}")
        configuration.verifier.command = command
        let file = try write(configuration, scratch)
        let train = try PonderProcess(scratch, ["train", file, "--run", scratch.run.path])
        #expect(await train.end() == .exited(2))
        #expect(train.output.contains("external verifier '\(ShellWords.quoted(command))'"), "\(train.output)")
        #expect(!FileManager.default.fileExists(atPath: scratch.run.path))
    }
}
