import Reinforcement
import RunStore
import Settings
import Testing

@testable import Coordination
@testable import Scheduling

/// What a run says while it works.
@Suite struct ProgressTests {
    private func step(
        _ step: Int, silent: Int = 32, format: Double = 1, accuracy: Double = 1
    ) -> StepMetrics {
        var metrics = StepMetrics(step: step, incarnation: 1, time: 0)
        (metrics.groups, metrics.silentGroups, metrics.elapsed) = (32, silent, 2 * Double(step))
        (metrics.reward, metrics.format, metrics.accuracy) = (1.2, format, accuracy)
        (metrics.credit, metrics.thoughtLength) = (accuracy, 45.3)
        return metrics
    }

    @Test(arguments: [(2, 130), (130, 130), (99, 100_000), (99_999, 100_000), (1_000_000, 1_000_000)])
    func `a step's line fits 80 columns and has the share of silent groups`(_ at: Int, _ steps: Int) {
        let line = ProgressReport(steps: steps).line(step(at))
        #expect(line.count <= 80, "\(line)")
        #expect(line.contains("silent 100%") && line.hasSuffix("left"))
    }

    @Test func `a step's line has every figure, and verdicts that are neither right nor wrong below it`() {
        var metrics = step(12, silent: 18, format: 0.98, accuracy: 0.85)
        metrics.undecided = 3
        #expect(
            ProgressReport(steps: 130).line(metrics)
                == "step  12/130 reward 1.20 form 98% right 85% silent 56% thought 45 03:56 left\n"
                + "    3 undecided")
    }

    private func measured(_ lengths: Int) -> (HeldOutMetrics?, [EvaluationRecord]) {
        let right: [(Purpose, Int)] = [(.evaluation, 34), (.greedy, 0), (.direct, 36)]
        let records = right.map { purpose, correct in
            var details = EvaluationRecord.Details()
            details.tokens = 512 * 40
            for level in 0..<lengths {
                var figures = EvaluationRecord.Figures()
                figures.thoughtLength = 30 + Double(level)
                details.byDifficulty[level + 3] = figures
            }
            return EvaluationRecord(
                version: PolicyVersion(0), purpose: purpose, time: 0, problems: 512, correct: correct,
                formatted: 46, thoughtLength: 37, details: details)
        }
        return (HeldOutMetrics(step: 0, of: records), records)
    }

    @Test func `a policy's line has what is right sampled, greedily and directly, in 80 columns`() throws {
        let (line, records) = measured(3)
        let text = ProgressReport(steps: 130).line(try #require(line), records)
        #expect(
            text == "policy 0, held out: right 6.6 % sampled, 0.0 % greedy, 7.0 % directly\n"
                + "    in form 9.0 % of 512, thought by difficulty 3: 30, 4: 31, 5: 32 characters")
        let (many, all) = measured(30)
        let long = ProgressReport(steps: 130).line(try #require(many), all)
        #expect(long.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(long)")
        #expect(long.hasSuffix("of 512, thought 37 characters"))
    }

    @Test func `the first step is estimated from the evaluation's responses and the workers' speed`() throws {
        let line = try #require(measured(3).0)
        let progress = ProgressReport(steps: 130)
        // 256 responses of 40 tokens, and twice as long for learning.
        #expect(
            progress.estimate(line, RolloutSettings(), rate: 10_240)
                == "a step should take about 3.0 s here, all 130 about 06:30")
        #expect(progress.estimate(line, RolloutSettings(), rate: 0) == nil)
        #expect(ProgressReport(steps: 0).estimate(line, RolloutSettings(), rate: 9) == nil)
    }

    private func round(_ step: Int, _ purpose: Purpose, accepted: Int) -> CoordinatorReport.Round {
        CoordinatorReport.Round(
            step: step, purpose: purpose, assignments: 16, accepted: accepted, outstanding: 1, seconds: 3)
    }

    @Test func `an evaluation says how many responses are in and how long the rest takes`() {
        var work = Work(.measuring(policy: 0), rounds: 3, responses: 512)
        #expect(work.line([], elapsed: 1.9) == nil)
        #expect(work.line([], elapsed: 5) == "evaluating policy 0: 0/1536 responses")
        let open = [
            round(0, .evaluation, accepted: 12), round(0, .greedy, accepted: 0),
            round(0, .training, accepted: 9),
        ]
        #expect(work.line(open, elapsed: 10) == "evaluating policy 0: 384/1536 responses, 00:30 left")
        work.complete = 1
        #expect(
            work.line([round(0, .greedy, accepted: 8)], elapsed: 10)
                == "evaluating policy 0: 768/1536 responses, 00:10 left")
    }

    @Test func `a step says how many responses are in, then that it learns`() {
        let work = Work(.step(7), responses: 256)
        let open = [round(6, .training, accepted: 4), round(7, .training, accepted: 9)]
        #expect(work.line(open, elapsed: 30) == "step 7: 64/256 responses, 01:30 left")
        #expect(
            work.line([round(7, .training, accepted: 9)], elapsed: 30)
                == "step 7: learning from 256 responses")
    }

    @Test func `a run that cannot learn says so after three steps, once, with the remedy`() throws {
        var check = SignalCheck()
        let first = (1...4).map { check.warning(after: step($0, format: 0, accuracy: 0)) }
        #expect(first[0] == nil && first[1] == nil && first[3] == nil)
        let warning = try #require(first[2])
        #expect(warning.contains("nothing is in the form") && warning.contains("--print-prompt"))
        #expect(warning.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(warning)")
        // A signal in between, then none again.
        let between = check.warning(after: step(5, silent: 31))
        #expect(between == nil)
        let warnings = (6...8).map { check.warning(after: step($0, accuracy: 0)) }
        #expect(
            warnings[0] == nil && warnings[1] == nil && warnings[2]?.contains("no answer is right") == true)
    }

    @Test func `groups that teach are no reason to warn`() {
        var check = SignalCheck()
        let warnings = (1...9).compactMap {
            check.warning(after: step($0, silent: 31, format: 0, accuracy: 0))
        }
        #expect(warnings.isEmpty)
    }
}
