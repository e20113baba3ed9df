import Foundation
import Reinforcement
package import RunStore

/// The object that a finished run prints as its last line.
///
///     {"direct_accuracy_before":0.14,"heldout_accuracy_after":0.99,…,"policy_sha256":"…","seconds":88.1,"steps":60}
package struct RunResult: Sendable, Hashable, Codable {
    /// Folder of the run.
    package var run: String
    package var seed: UInt64
    package var steps: Int
    /// Wall time of the steps alone.
    package var seconds: Double
    /// Response tokens that training generated.
    package var tokens: Int
    /// SHA-256 of the fp32 masters' bytes in the order of their names.
    package var policySHA256: String
    /// Shares of held-out problems, 0 to 1; nil when the policy was not measured.
    package var heldoutAccuracyBefore: Double?
    package var heldoutAccuracyAfter: Double?
    package var heldoutFormatBefore: Double?
    package var heldoutFormatAfter: Double?
    package var directAccuracyBefore: Double?
    package var directAccuracyAfter: Double?
    /// Mean characters of a thought by difficulty.
    package var thoughtLengthBefore: [String: Double]?
    package var thoughtLengthAfter: [String: Double]?
    /// Whether the run went on from an older checkpoint than the newest, which was damaged.
    package var checkpointFallback: Bool

    private enum CodingKeys: String, CodingKey {
        case run, seed, steps, seconds, tokens
        case policySHA256 = "policy_sha256"
        case heldoutAccuracyBefore = "heldout_accuracy_before"
        case heldoutAccuracyAfter = "heldout_accuracy_after"
        case heldoutFormatBefore = "heldout_format_before"
        case heldoutFormatAfter = "heldout_format_after"
        case directAccuracyBefore = "direct_accuracy_before"
        case directAccuracyAfter = "direct_accuracy_after"
        case thoughtLengthBefore = "thought_length_before"
        case thoughtLengthAfter = "thought_length_after"
        case checkpointFallback = "checkpoint_fallback"
    }

    package init(
        run: String, seed: UInt64, steps: Int, seconds: Double, tokens: Int, policySHA256: String,
        evaluations: [EvaluationRecord], checkpointFallback: Bool
    ) {
        self.run = run
        self.seed = seed
        self.steps = steps
        self.seconds = seconds
        self.tokens = tokens
        self.policySHA256 = policySHA256
        self.checkpointFallback = checkpointFallback
        func find(_ step: Int, _ direct: Bool) -> EvaluationRecord? {
            evaluations.last { $0.version.rawValue == step && ($0.purpose == .direct) == direct }
        }
        heldoutAccuracyBefore = find(0, false)?.accuracy
        heldoutAccuracyAfter = find(steps, false)?.accuracy
        heldoutFormatBefore = find(0, false)?.format
        heldoutFormatAfter = find(steps, false)?.format
        directAccuracyBefore = find(0, true)?.accuracy
        directAccuracyAfter = find(steps, true)?.accuracy
        thoughtLengthBefore = find(0, false)?.thoughtLengths
        thoughtLengthAfter = find(steps, false)?.thoughtLengths
    }

    /// One line of JSON with sorted keys.
    package func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
