import ArgumentParser
import Coordination
import Foundation
import Learning
import Primitives
import Reinforcement
import RunStore

/// `ponder replay`: a run's weights, computed again from its records.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Compute a run's weights again from what its steps learned from.",
        discussion: """
            No response is generated: the recorded traces of each step enter the learner again, in their order. The \
            weights have the run's policy_sha256, also after staleness, kills and restarts, on the same type of \
            processor and libtorch. run.sqlite keeps what a step learned from when records.replay is true, the default.

            --step shows one step: its traces with reward, advantage, versions and loss.

            Examples:
              ponder replay --run last
              ponder replay --run runs/today --json
              ponder replay --run runs/today --step 2

            Exit status: 0 when the weights are those of the run's checkpoint, or when there is no checkpoint of the \
            last step to compare with; 1 when they differ, or when a step is not in the records.
            """)

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("A run's folder, live or finished; `last` is the newest.", valueName: "dir"))
    var folder: String

    @Option(help: ArgumentHelp("Begin with the checkpoint of this step; 0: the base model.", valueName: "n"))
    var fromStep = 0

    @Option(help: ArgumentHelp("End after this step. (default: the newest)", valueName: "n"))
    var toStep: Int?

    @Option(help: ArgumentHelp("Show what this step learned from, and end after it.", valueName: "n"))
    var step: Int?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard fromStep >= 0 else { throw ValidationError("--from-step must be at least 0.") }
        guard step == nil || toStep == nil else {
            throw ValidationError("--step ends the replay after that step; leave out --to-step.")
        }
        guard let end = step ?? toStep, end <= fromStep else { return }
        throw ValidationError(
            "--\(step == nil ? "to-step" : "step") must be above --from-step, which is \(fromStep).")
    }

    func run() async throws {
        let replay = try RunReplay(.existing(named: folder), from: fromStep, to: step ?? toStep)
        let progress = Progress()
        let start = ContinuousClock.now
        var shown: ReplayedStep?
        let sha256 = try await replay(detailed: step) { done in
            if done.step == step { shown = ReplayedStep(done) }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            progress.update(
                Progress.text(
                    "replaying", done.step - replay.start, of: replay.end - replay.start, seconds: seconds))
        }
        progress.finish()
        let result = Result(
            run: folder, fromStep: replay.start, toStep: replay.end,
            seconds: (ContinuousClock.now - start) / .seconds(1), policySha256: sha256,
            recordedPolicySha256: NullEncoded(wrappedValue: replay.recorded),
            matches: NullEncoded(wrappedValue: replay.recorded.map { $0 == sha256 }),
            unrecorded: replay.unrecorded, step: shown)
        if json { try JSON.print(result) } else { print(result.text) }
        guard result.matches != false else {
            throw CommandFailure(
                .failed,
                "the weights after step \(replay.end) have other bits than the run's checkpoint; another type of processor, "
                    + "another libtorch or another base model computes other bits")
        }
    }

    struct Result: Encodable {
        let run: String
        let fromStep, toStep: Int
        let seconds: Double
        let policySha256: String
        /// nil without a checkpoint of the last step.
        @NullEncoded var recordedPolicySha256: String?
        @NullEncoded var matches: Bool?
        /// Why there is nothing to compare with; left out when there is.
        let unrecorded: String?
        let step: ReplayedStep?

        var text: String {
            let verdict =
                switch matches {
                case true?: "the checkpoint of step \(toStep) has the same"
                case false?: "the checkpoint of step \(toStep) has \(recordedPolicySha256 ?? "another")"
                case nil: "nothing to compare with: \(unrecorded ?? "")"
                }
            return [
                step?.text,
                "steps \(fromStep + 1) to \(toStep) computed again in \(seconds.shown(1)) s",
                "policy_sha256 \(policySha256)", verdict,
            ].compactMap(\.self).joined(separator: "\n")
        }
    }
}

/// What one step learned from, as `replay --step` shows it.
struct ReplayedStep: Encodable {
    let step: Int
    let loss, gradientNorm, rate, mismatch, entropy: Double
    let tokens: Int
    let traces: [Row]

    /// One recorded trace; advantage and loss are nil when it was not learned from.
    struct Row: Encodable {
        let problem, sample: Int
        let reward: Double
        @NullEncoded var advantage: Double?
        let tokens: Int
        /// The policies that sampled it, in the order of its segments.
        let versions: [Int]
        @NullEncoded var loss: Double?
    }

    init(_ done: RunReplay.Step) {
        step = done.step
        loss = done.report.loss
        gradientNorm = done.report.gradientNorm
        rate = done.report.rate
        mismatch = done.report.mismatch
        entropy = done.report.entropy
        tokens = done.batch.tokenCount
        // The rows of a batch are the traces that count, of groups with variance, in this order.
        var learned = zip(done.batch.rows, done.losses).makeIterator()
        traces = done.groups.sorted { $0.problem < $1.problem }.flatMap { group in
            group.traces.map { trace in
                let row = group.isLearned && !trace.isExcluded ? learned.next() : nil
                return Row(
                    problem: group.problem, sample: trace.sample, reward: trace.reward,
                    advantage: NullEncoded(wrappedValue: row.map { Double($0.0.advantage) }),
                    tokens: trace.sampledCount, versions: trace.segments.compactMap { $0.version?.rawValue },
                    loss: NullEncoded(wrappedValue: row?.1))
            }
        }
    }

    var text: String {
        func cell(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func line(_ cells: [String]) -> String {
            zip(cells, [7, 6, 8, 9, 6, 9, 11]).map { cell($0, $1) }.joined(separator: " ")
        }
        let head = line(["problem", "sample", "reward", "advantage", "tokens", "versions", "loss"])
        let rows = traces.map { row in
            let versions = Set(row.versions)
            let span =
                versions.count < 2
                ? "\(versions.first ?? 0)" : "\(versions.min() ?? 0)-\(versions.max() ?? 0)"
            return line([
                "\(row.problem)", "\(row.sample)", row.reward.shown(2), row.advantage?.shown(3) ?? "-",
                "\(row.tokens)", span, row.loss?.shown(6) ?? "-",
            ])
        }
        let sum =
            "step \(step): loss \(loss.shown(6)), gradient norm \(gradientNorm.shown(4)), rate \(rate), "
            + "\(tokens) tokens"
        return ([head] + rows + [sum, "entropy \(entropy.shown(4)), mismatch \(mismatch.shown(6))"])
            .joined(separator: "\n")
    }
}
