import Foundation
import Primitives
import Reinforcement
import RunStore

/// A finished run as lines for people.
extension RunResult {
    /// - Parameters:
    ///   - evaluations: what the run measured, for the curve.
    ///   - question: one that the model may be asked; nil to name none.
    func summary(_ evaluations: [EvaluationRecord], question: String?) -> String {
        func line(_ name: String, _ cells: [String]) -> String {
            let padded = [name.padding(toLength: 15, withPad: " ", startingAt: 0)]
            return (padded + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }).joined()
        }
        var lines = [line("held out", ["before", "after"])]
        func row(_ name: String, _ before: Double?, _ after: Double?) {
            guard before != nil || after != nil else { return }
            lines.append(line(name, [before, after].map { $0?.percent ?? "-" }))
        }
        row("right, sampled", heldoutAccuracyBefore, heldoutAccuracyAfter)
        row("right, greedy", heldoutGreedyBefore, heldoutGreedyAfter)
        row("in form", heldoutFormatBefore, heldoutFormatAfter)
        row("asked directly", directAccuracyBefore, directAccuracyAfter)
        let sampled = evaluations.filter { $0.purpose == .evaluation }
            .sorted { $0.version < $1.version }
        if sampled.count > 2 {
            lines.append("right, sampled, from policy 0 to \(steps)  \(Curve.text(sampled.map(\.accuracy)))")
        }
        lines.append(
            ahaStep.map { "training accuracy took off at step \($0)" } ?? "no take-off of accuracy was found")
        lines.append("\(steps) steps in \(Duration.seconds(seconds).clock), evaluations not counted")
        let folder = run.fromHere
        let asked = question.map { "'\($0)'" } ?? "'your question'"
        lines += [
            "", "The model is a Hugging Face folder: \(folder)/policy", "Next:",
            "  ponder ask --run \(folder) --compare \(asked)",
            "  ponder eval --run \(folder)",
            "  ponder status --run \(folder)",
        ]
        return lines.joined(separator: "\n")
    }
}

/// A small curve of shares.
enum Curve {
    private static let bars = Array("▁▂▃▄▅▆▇█")

    /// One bar for each share from 0 to 1; of more than `width`, evenly chosen ones with the first and the last.
    static func text(_ shares: [Double], width: Int = 40) -> String {
        let count = max(0, min(40, width, shares.count))
        let chosen = (0..<count).map { shares[$0 * (shares.count - 1) / max(1, count - 1)] }
        return String(chosen.map { bars[min(bars.count - 1, max(0, Int($0 * Double(bars.count))))] })
    }
}
