import Foundation
import Primitives
import Reasoning
import Reinforcement
import RunStore
import Settings

/// Formats a run's progress for a person at the terminal, in lines of at most 80 columns.
struct ProgressReport: Sendable {
    let steps: Int

    private static let width = 80

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

    /// The step's figures, and a second line when some verdicts are neither right nor wrong.
    func line(_ metrics: StepMetrics) -> String {
        // Estimated from the mean step time so far; the time between two starts of the run is not counted.
        let left = metrics.elapsed / Double(max(1, metrics.step)) * Double(max(0, steps - metrics.step))
        let step = "step \(padded(metrics.step))/\(steps)"
        let fields = [
            "reward \(fixed(metrics.reward, 2))", "form \(whole(metrics.format))",
            "right \(whole(metrics.accuracy))", "silent \(whole(metrics.silentShare))",
        ]
        let thought = "thought \(fixed(metrics.thoughtLength, 0))"
        let rest = "\(Duration.seconds(left).clock) left"
        let long = ([step] + fields + [thought, rest]).joined(separator: " ")
        let line = long.count <= Self.width ? long : ([step] + fields + [rest]).joined(separator: " ")
        let notes = metrics.verdictNotes
        return notes.isEmpty ? line : "\(line)\n    \(notes.joined(separator: "  "))"
    }

    /// The figures of a policy on held-out problems.
    func line(_ measured: HeldOutMetrics, _ evaluations: [EvaluationRecord]) -> String {
        var rights = ["\(percent(measured.heldoutAccuracy)) sampled"]
        if let greedy = measured.heldoutGreedy { rights.append("\(percent(greedy)) greedy") }
        if let direct = measured.directAccuracy { rights.append("\(percent(direct)) directly") }
        let sampled = evaluations.last { $0.version.rawValue == measured.step && $0.purpose == .evaluation }
        let lengths = (sampled?.details.byDifficulty ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key): \(fixed($0.value.thoughtLength, 0))" }.joined(separator: ", ")
        let form = "    in form \(percent(measured.heldoutFormat)) of \(measured.heldoutProblems)"
        let detailed = "\(form), thought by difficulty \(lengths) characters"
        let short = "\(form), thought \(fixed(measured.thoughtLength, 0)) characters"
        return "policy \(measured.step), held out: right \(rights.joined(separator: ", "))\n"
            + (lengths.isEmpty || detailed.count > Self.width ? short : detailed)
    }

    /// What the first step will take, from the untrained policy's responses; nil when nothing is known.
    ///
    /// Learning usually takes about twice as long as generating.
    ///
    /// - Parameter rate: tokens that all workers generate in a second.
    func estimate(_ measured: HeldOutMetrics, _ rollout: RolloutSettings, rate: Double) -> String? {
        guard steps > 0, rate > 0, measured.responseLength > 0 else { return nil }
        let step = 3 * Double(rollout.problems * rollout.samples) * measured.responseLength / rate
        let each = step < 60 ? "\(fixed(step, step < 10 ? 1 : 0)) s" : Duration.seconds(step).clock
        return
            "a step should take about \(each) here, all \(steps) about \(Duration.seconds(step * Double(steps)).clock)"
    }

    /// One response every fifth step, each time to another problem; nil for the other steps.
    func sample(_ groups: [TraceGroup], step: Int) -> String? {
        guard step == 1 || step % 5 == 0, !groups.isEmpty else { return nil }
        let group = groups[step % groups.count]
        guard let scored = group.traces.first else { return nil }
        return text(of: scored, group)
    }

    /// The step at which accuracy took off, and the trace that shows it.
    func text(_ aha: AhaMoment, _ groups: [TraceGroup]) -> String {
        let told = "AHA: " + aha.message
        guard let id = aha.trace, let group = groups.first(where: { $0.problem.index == id.problem }),
            let scored = group.traces.first(where: { $0.trace.id == id })
        else { return told }
        let right = group.traces.count(where: \.isRight)
        return told + "\n" + text(of: scored, group)
            + "\n    \(right) of \(group.traces.count) answers to this question are right"
    }

    private func text(of scored: ScoredTrace, _ group: TraceGroup) -> String {
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
    private func whole(_ share: Double) -> String { fixed(100 * share, 0) + "%" }
}
