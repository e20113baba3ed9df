import Episodes
import Reinforcement
import RunStore

extension EvaluationRecord {
    /// The figures of an evaluation round: held-out problems, one response each.
    init(_ groups: [TraceGroup], of version: PolicyVersion, _ purpose: Purpose, time: Double) {
        let measurement = Measurement(
            groups.flatMap { group in group.traces.map { (group.problem.problem, $0) } })
        let all = measurement.all
        var details = Details()
        details.byDifficulty = measurement.byDifficulty.mapValues { part in
            var figures = Figures()
            figures.accuracy = part.accuracy
            figures.format = part.format
            figures.thoughtLength = part.thoughtLength ?? 0
            return figures
        }
        details.credit = all.credit
        details.undecided = all.undecided
        details.tokens = all.tokens
        self.init(
            version: version, purpose: purpose, time: time, problems: all.problems, correct: all.right,
            formatted: all.inForm, thoughtLength: all.thoughtLength ?? 0, details: details)
    }
}
