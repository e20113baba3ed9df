import Foundation
import Reasoning
import Reinforcement
import RunStore
import Settings

/// Formats a run's progress for a person at the terminal.
struct ProgressReport: Sendable {
    let steps: Int

    func opening(_ session: RunSession) -> String {
        let run = session.directory.root.path
        let rollout = session.configuration.rollout
        let size =
            "\(rollout.problems) problems × \(rollout.samples) samples a step, seed \(session.configuration.seed)"
        return session.resumed == nil
            ? "run \(run): \(steps) steps, \(size)"
            : "run \(run): goes on at step \(session.step) of \(steps), incarnation \(session.lock.incarnation), \(size)"
    }

    /// How many problems there are: `problems: 6,961 to train on, 512 held out`.
    func problems(_ plan: RoundPlan) -> String {
        let training =
            plan.source.finite.map { "\(grouped($0.count)) to train on" } ?? "made as they are needed"
        return "problems: \(training), \(grouped(plan.heldOutCount)) held out"
    }

    func line(_ metrics: StepMetrics) -> String {
        // Estimated from the mean step time so far; the time between two starts of the run is not counted.
        let left = metrics.elapsed / Double(max(1, metrics.step)) * Double(max(0, steps - metrics.step))
        let fields = [
            "step \(padded(metrics.step))/\(steps)", "reward \(fixed(metrics.reward, 2))",
            "in form \(percent(metrics.format))", "right \(percent(metrics.accuracy))",
            "thought \(fixed(metrics.thoughtLength, 1))", "\(Int(metrics.tokensPerSecond)) tokens/s",
            "\(duration(left)) left",
        ]
        return (fields + metrics.verdictNotes).joined(separator: "  ")
    }

    func line(_ record: EvaluationRecord) -> String {
        let head = "held out, policy \(record.version.rawValue)"
        guard record.purpose == .evaluation else {
            return "\(head), asked directly: right \(percent(record.accuracy)) of \(record.problems)"
        }
        let lengths = record.details.byDifficulty.sorted { $0.key < $1.key }
            .map { "\($0.key): \(fixed($0.value.thoughtLength, 0))" }.joined(separator: ", ")
        return "\(head): right \(percent(record.accuracy)) of \(record.problems), in form "
            + "\(percent(record.format)), characters of a thought by difficulty \(lengths)"
    }

    /// One response every fifth step, each time to another problem; nil for the other steps.
    func sample(_ groups: [TraceGroup], step: Int) -> String? {
        guard step == 1 || step % 5 == 0, !groups.isEmpty else { return nil }
        let group = groups[step % groups.count]
        guard let scored = group.traces.first else { return nil }
        var verdict = scored.isRight ? "right" : "not right"
        switch scored.reward.verdict {
        case .partial(let share): verdict = "right to \(percent(share.value))"
        case .undecided: verdict = "undecided"
        default: break
        }
        let shown = scored.response.prefix(400).replacing("\n", with: "⏎")
        return "    \(group.problem.problem.question.prefix(200))  →  \(shown)  (\(verdict))"
    }

    private func padded(_ step: Int) -> String {
        let text = "\(step)"
        return String(repeating: " ", count: max(0, "\(steps)".count - text.count)) + text
    }

    private func grouped(_ count: Int) -> String {
        count.formatted(.number.locale(Locale(identifier: "en_US")))
    }

    private func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
    private func percent(_ share: Double) -> String { fixed(100 * share, 1) + " %" }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let minutes = whole / 60 % 60
        let rest = String(format: "%02d:%02d", minutes, whole % 60)
        return whole >= 3600 ? "\(whole / 3600):\(rest)" : rest
    }
}
