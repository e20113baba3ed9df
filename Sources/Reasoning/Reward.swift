/// The reward of one response.
///
///     Reward(format: 0.2, accuracy: 1, verdict: .correct)   // total 1.2
package struct Reward: Sendable, Hashable, Codable {
    /// Earned for the shape of the response: `RewardRule.format` or 0.
    package let format: Double
    /// Earned for the answer: `RewardRule.accuracy` times the verdict's credit.
    package let accuracy: Double
    /// The verdict of the verifier; nil when there was no answer to judge.
    package let verdict: Verdict?

    package init(format: Double, accuracy: Double, verdict: Verdict?) {
        self.format = format
        self.accuracy = accuracy
        self.verdict = verdict
    }

    package var total: Double { format + accuracy }
}
