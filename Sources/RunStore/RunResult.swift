package import Foundation
package import Primitives
import Reinforcement

/// The object that a finished run prints as its last line.
///
///     {"direct_accuracy_before":0.14,"heldout_accuracy_after":0.99,…,"policy_sha256":"…","seconds":88.1,"steps":60}
package struct RunResult: Sendable, Hashable, Codable {
    /// Path of the run's folder.
    package var run: String
    package let seed: UInt64
    package let steps: Int
    /// Wall time of all steps, in seconds, without the evaluations and checkpoints between them.
    package let seconds: Double
    /// Number of response tokens generated for training.
    package let tokens: Int
    /// SHA-256 of the fp32 master weights in the order of their names, as hexadecimal text.
    package let policySHA256: String
    /// Share of held-out problems answered right when sampled at temperature 1, 0 to 1; nil when the policy
    /// was not evaluated.
    package let heldoutAccuracyBefore: Double?
    package let heldoutAccuracyAfter: Double?
    /// The same with the likeliest token at each position; nil in runs that did not measure it.
    package let heldoutGreedyBefore: Double?
    package let heldoutGreedyAfter: Double?
    package let heldoutFormatBefore: Double?
    package let heldoutFormatAfter: Double?
    package let directAccuracyBefore: Double?
    package let directAccuracyAfter: Double?
    /// Mean length of a thought by difficulty, in characters.
    package let thoughtLengthBefore: [Int: Double]?
    package let thoughtLengthAfter: [Int: Double]?
    /// Whether the run was resumed from an older checkpoint because the newest was damaged.
    package let checkpointFallback: Bool
    /// The step at which training accuracy took off; null when no take-off was found.
    @NullEncoded package private(set) var ahaStep: Int?

    package init(
        run: String, seed: UInt64, steps: Int, seconds: Double, tokens: Int, policySHA256: String,
        evaluations: [EvaluationRecord], checkpointFallback: Bool, ahaStep: Int? = nil
    ) {
        self.run = run
        self.seed = seed
        self.steps = steps
        self.seconds = seconds
        self.tokens = tokens
        self.policySHA256 = policySHA256
        self.checkpointFallback = checkpointFallback
        self.ahaStep = ahaStep
        func find(_ purpose: Purpose, at step: Int) -> EvaluationRecord? {
            evaluations.last { $0.version.rawValue == step && $0.purpose == purpose }
        }
        let (before, after) = (find(.evaluation, at: 0), find(.evaluation, at: steps))
        heldoutAccuracyBefore = before?.accuracy
        heldoutAccuracyAfter = after?.accuracy
        heldoutGreedyBefore = find(.greedy, at: 0)?.accuracy
        heldoutGreedyAfter = find(.greedy, at: steps)?.accuracy
        heldoutFormatBefore = before?.format
        heldoutFormatAfter = after?.format
        directAccuracyBefore = find(.direct, at: 0)?.accuracy
        directAccuracyAfter = find(.direct, at: steps)?.accuracy
        thoughtLengthBefore = before?.details.byDifficulty.mapValues(\.thoughtLength)
        thoughtLengthAfter = after?.details.byDifficulty.mapValues(\.thoughtLength)
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String { try RecordCoding.text(self) }

    /// Reads a line written by `line`.
    ///
    /// - Throws: `DecodingError`.
    package init(json: Data) throws { self = try RecordCoding.decode(RunResult.self, from: json) }
}
