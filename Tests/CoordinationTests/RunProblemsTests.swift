import Foundation
import Reasoning
import RunStore
import Settings
import StrictConfiguration
import Testing

@testable import Coordination

/// A run knows its problems: which are held out, and what their files say.
@Suite struct RunProblemsTests {
    private let scratch: Scratch
    private var run: RunDirectory { RunDirectory(root: scratch.run) }
    private var problemFile: URL { scratch.url.appending(path: "problems.jsonl") }

    init() throws { scratch = try Scratch() }

    private func configuration(_ change: (inout RunConfiguration) -> Void = { _ in }) throws
        -> RunConfiguration
    {
        var configuration = try TinyRun.configuration(scratch)
        change(&configuration)
        return configuration
    }

    /// Opens and leaves the run.
    private func open(
        _ configuration: RunConfiguration?, allowChanges: Bool = false
    ) throws -> (plan: RoundPlan, changes: [ConfigurationDifference]) {
        var request = TinyRun.request(configuration, at: scratch.run)
        request.allowChanges = allowChanges
        let session = try RunSession.open(request)
        session.lock.release()
        return (session.plan, session.changes)
    }

    @Test func `all but the held-out problems are trained on, and the start says how many`() throws {
        let plan = try open(configuration()).plan
        #expect(plan.heldOut.count == 6 && plan.source.finite?.count == 54)
        #expect(ProgressReport(steps: 1).problems(plan) == "problems: 54 to train on, 6 held out")
        let bills = try RoundPlan(RunConfiguration())
        #expect(bills.heldOut.count == 512)
        #expect(
            ProgressReport(steps: 1).problems(bills) == "problems: made as they are needed, 512 held out")
    }

    @Test func `auto holds out a tenth of a file, and measures with all of it`() throws {
        let plan = try RoundPlan(
            configuration {
                $0.problems.heldOut = nil
                $0.evaluation.problems = nil
            })
        #expect(plan.heldOut.count == 6 && plan.heldOutCount == 6)
        #expect {
            try RoundPlan(
                configuration {
                    $0.problems.heldOut = nil
                    $0.evaluation.problems = 7
                })
        } throws: {
            "\($0)".contains("evaluation.problems asks for 7 problems and 6 can be held out")
                && "\($0)".contains("set evaluation.problems to at most 6, set it to auto")
        }
    }

    @Test func `a generated source with few problems holds out those that it has`() throws {
        var configuration = RunConfiguration()
        configuration.problems.source = .generated(Sums.name)
        configuration.problems.generated.sums = try Sums {
            $0.terms = 2...2
            $0.number = 1...20
        }
        let plan = try RoundPlan(configuration)
        #expect((60...100).contains(plan.heldOut.count) && plan.heldOutCount == plan.heldOut.count)
    }

    @Test func `a run of an earlier version keeps its split, also when it is resumed again`() throws {
        let held = try open(configuration()).plan.heldOut
        try FileManager.default.removeItem(at: run.root.appending(path: "problems.json"))
        for _ in 0..<2 {
            let plan = try open(configuration()).plan
            let training = try #require(plan.source.finite)
            #expect(training.count < 54)
            #expect(training.allSatisfy { !HeldOut.fifth.contains(question: $0.question) })
            #expect(plan.heldOut == held)
        }
        let record = try run.problemRecord()
        #expect(record.keepsFifth && record.problems?.count == 64)
    }

    @Test func `a resume without a number keeps the number of the run`() throws {
        _ = try open(configuration { $0.problems.heldOut = 8 })
        let plan = try open(
            configuration {
                $0.problems.heldOut = nil
                $0.evaluation.problems = nil
            }
        ).plan
        #expect(plan.heldOutCount == 8 && plan.heldOut.count == 6)
    }

    @Test func `another content of the problem file is refused by name unless changes are allowed`() throws {
        _ = try open(configuration())
        let lines = try String(contentsOf: problemFile, encoding: .utf8)
        try Data((lines + "\n" + #"{"question": "60=?", "expected": "0"}"#).utf8).write(to: problemFile)
        // TinyRun writes the problems, so the configuration comes from the run's folder.
        #expect {
            try open(nil)
        } throws: {
            "\($0)".contains("problems.path: the content of \(problemFile.path): sha256 ")
                && "\($0)".contains("give --allow-changes")
        }
        let allowed = try open(nil, allowChanges: true)
        #expect(allowed.changes.map(\.path) == ["problems.path: the content of \(problemFile.path)"])
        #expect(try open(nil).changes.isEmpty)
    }

    @Test func `a separate file of held-out problems is remembered as well`() throws {
        let other = scratch.url.appending(path: "test.jsonl")
        let lines = (0..<30).map { #"{"question": "test \#($0)=?", "expected": "1"}"# }
        try Data(lines.joined(separator: "\n").utf8).write(to: other)
        let wanted = try configuration { $0.problems.heldOutPath = other.path }
        let plan = try open(wanted).plan
        #expect(plan.source.finite?.count == 60)
        #expect(plan.heldOut.allSatisfy { $0.question.hasPrefix("test ") } && plan.heldOut.count == 6)
        try Data(lines.dropLast().joined(separator: "\n").utf8).write(to: other)
        #expect { try open(nil) } throws: { "\($0)".contains("problems.heldOutPath: the content of ") }
    }

    @Test func `changes of single settings count from the run's own configuration`() throws {
        _ = try open(configuration())
        var request = TinyRun.request(nil, at: scratch.run)
        request.changes = [try ConfigurationLayer(assignment: "steps=9")]
        let saved = try run.configuration()
        let wanted = try request.configuration(over: saved)
        #expect(wanted.steps == 9 && wanted.problems == saved.problems)
        request.changes = [try ConfigurationLayer(assignment: "learning.rate=0.5")]
        #expect { try RunSession.open(request) } throws: {
            "\($0)".contains("learning.rate: 0.01 → 0.5") && "\($0)".contains("--allow-changes")
        }
    }
}
