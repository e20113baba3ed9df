import Reinforcement

/// The figures of one policy on held-out problems: a line of `metrics.jsonl`.
///
/// Shares are 0 to 1; nil where a run did not measure them.
package struct HeldOutMetrics: Sendable, Hashable, Codable {
    /// Version of the format, as in `StepMetrics`.
    package private(set) var schema = 2
    /// Number of optimizer steps that the policy has had.
    package let step: Int
    /// Time of the last measurement, in seconds since 1970.
    package let time: Double
    package let heldoutProblems: Int
    /// Share that is right when sampled at temperature 1.
    package let heldoutAccuracy: Double
    /// Share that is right with the likeliest token at each position.
    package let heldoutGreedy: Double?
    /// Share in the form when sampled at temperature 1.
    package let heldoutFormat: Double
    /// Share that is right when asked directly.
    package let directAccuracy: Double?
    /// Mean length of a thought, in characters.
    package let thoughtLength: Double
    /// Mean length of a response, in tokens.
    package let responseLength: Double

    /// The line of the policy after `step` steps; nil when it was not sampled.
    package init?(step: Int, of evaluations: [EvaluationRecord]) {
        let measured = evaluations.filter { $0.version.rawValue == step }
        guard let sampled = measured.last(where: { $0.purpose == .evaluation }) else { return nil }
        self.step = step
        time = measured.map(\.time).max() ?? sampled.time
        heldoutProblems = sampled.problems
        heldoutAccuracy = sampled.accuracy
        heldoutGreedy = measured.last { $0.purpose == .greedy }?.accuracy
        heldoutFormat = sampled.format
        directAccuracy = measured.last { $0.purpose == .direct }?.accuracy
        thoughtLength = sampled.thoughtLength
        responseLength = Double(sampled.details.tokens) / Double(max(1, sampled.problems))
    }
}
