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
    /// What the run's further rewards gave, in the order of the configuration.
    package let further: [Part]
    /// Whether the trace is left out of its group's advantages and of the loss, since a verdict that counts is undecided.
    package let isExcluded: Bool

    /// What one of the run's further rewards gave.
    package struct Part: Sendable, Hashable, Codable {
        package let name: String
        /// The reward's weight times the verdict's credit; negative for a negative weight.
        package let value: Double
        /// nil when there was no answer to judge.
        package let verdict: Verdict?

        package init(name: String, value: Double, verdict: Verdict?) {
            self.name = name
            self.value = value
            self.verdict = verdict
        }
    }

    package init(
        format: Double, accuracy: Double, verdict: Verdict?, further: [Part] = [], isExcluded: Bool = false
    ) {
        self.format = format
        self.accuracy = accuracy
        self.verdict = verdict
        self.further = further
        self.isExcluded = isExcluded
    }

    package var total: Double { further.reduce(format + accuracy) { $0 + $1.value } }

    /// The verdict on the answer, then those of the further rewards.
    package var verdicts: [Verdict?] { [verdict] + further.map(\.verdict) }
}
