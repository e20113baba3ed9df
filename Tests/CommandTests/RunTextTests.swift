import Foundation
import Reasoning
import Reinforcement
import Synchronization
import Testing

@testable import Episodes
@testable import RunStore
@testable import ponder

/// What commands show of runs and of answers.
@Suite struct RunTextTests {
    private func record(_ version: Int, _ purpose: Purpose, _ correct: Int) -> EvaluationRecord {
        EvaluationRecord(
            version: PolicyVersion(version), purpose: purpose, time: 0, problems: 1000, correct: correct,
            formatted: correct, thoughtLength: 9)
    }

    @Test
    func `a finished run is summed up: before and after, the curve, the model's place, what to do next`() {
        let evaluations = [
            record(0, .evaluation, 66), record(0, .greedy, 0), record(0, .direct, 70),
            record(20, .evaluation, 836), record(130, .evaluation, 982), record(130, .greedy, 984),
            record(130, .direct, 12),
        ]
        let result = RunResult(
            run: "/runs/today", seed: 0, steps: 130, seconds: 102, tokens: 9, policySHA256: "",
            evaluations: evaluations, checkpointFallback: false, ahaStep: 26)
        let text = result.summary(evaluations, question: "8*7+35=?")
        #expect(
            text.hasPrefix(
                """
                held out           before     after
                right, sampled      6.6 %    98.2 %
                right, greedy       0.0 %    98.4 %
                in form             6.6 %    98.2 %
                asked directly      7.0 %     1.2 %
                right, sampled, from policy 0 to 130  ▁▇█
                training accuracy took off at step 26
                130 steps in 01:42, evaluations not counted
                """))
        #expect(text.contains("/runs/today/policy"))
        #expect(text.contains("  ponder ask --run /runs/today --compare '8*7+35=?'\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `a run without a take-off says so, for people and as null`() throws {
        let result = RunResult(
            run: "/runs/flat", seed: 0, steps: 9, seconds: 1, tokens: 9, policySHA256: "", evaluations: [],
            checkpointFallback: false)
        #expect(result.summary([], question: nil).contains("\nno take-off of accuracy was found\n"))
        #expect(try result.line().contains(#""aha_step":null"#))
        #expect(try RunResult(json: Data(result.line().utf8)) == result)
    }

    @Test func `a curve has a bar for each share, at most 40`() {
        #expect(Curve.text([0, 0.5, 0.99, 1]) == "▁▅██")
        #expect(Curve.text([]).isEmpty && Curve.text([1]) == "█")
        let long = Curve.text((0...1000).map { Double($0) / 1000 })
        #expect(long.count == 40 && long.first == "▁" && long.last == "█")
    }

    @Test func `a terminal has one line that changes below the lines that stay`() {
        let written = Mutex("")
        let console = RunConsole(isLive: true) { text in written.withLock { $0 += text } }
        console.say("a")
        console.working("1/2")
        console.working("2/2")
        console.say("b")
        console.close()
        console.working("1/2")
        console.close()
        #expect(
            written.withLock { $0 } == "a\n\r\u{1B}[K1/2\r\u{1B}[K2/2\r\u{1B}[Kb\n\r\u{1B}[K1/2\r\u{1B}[K")
    }

    @Test func `without a terminal the line comes as its own, and rarely`() {
        func lines(every interval: Duration) -> String {
            let written = Mutex("")
            let console = RunConsole(isLive: false, interval: interval) { text in
                written.withLock { $0 += text }
            }
            console.say("a")
            console.working("1/2")
            return written.withLock { $0 }
        }
        #expect(lines(every: .seconds(600)) == "a\n")
        #expect(lines(every: .zero) == "a\n1/2\n")
    }

    @Test(arguments: [
        ("<think>1+1=2</think>2", "right"), ("2", "right, but not in the form"),
        ("1+1=2 so 2", "right, but not in the form"), ("3", "wrong: it is 2"),
        ("<think>1+1=2</think>3", "wrong: it is 2"), ("<think>2", "wrong: it is 2"),
    ])
    func `an answer is right, right but not in the form, or wrong`(_ response: String, _ verdict: String) {
        let format = FormatRule(tags: .think)
        let trace = Trace(
            id: SampleID(round: RoundID(step: 0, purpose: .evaluation), problem: 0, sample: 0), tokens: [1],
            logProbabilities: [0], version: PolicyVersion(0), finish: .end)
        let scored = ScoredTrace(
            trace: trace, response: response, form: format.form(of: response, finished: true),
            thought: format.thought(in: response), reward: Reward(format: 0, accuracy: 0, verdict: nil))
        let reply = AskReply(question: "1+1=?", prompt: "", scored, format)
        #expect(reply.verdict == verdict)
        #expect(reply.isRight == (verdict == "right"))
    }
}
