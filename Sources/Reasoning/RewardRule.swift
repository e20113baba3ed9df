import StrictConfiguration

/// How much a response earns for its form and for its answer.
///
///     RewardRule()   // 1 for the right answer in the form, 0.2 for the form
package struct RewardRule: ConfigurationSection {
    @Setting(.number(0...1000), "for a right answer")
    package var accuracy = 1.0
    @Setting(.number(0...1000), "for a response in the form")
    package var format = 0.2
    @Setting(
        .choice, "which rewards count; untagged reads the answer also from a response without tags")
    package var mode = Mode.both
    @Setting(
        .choice,
        "an answer that no verifier can judge; zero: it earns nothing; exclude: its response is left out of its group and of the loss"
    )
    package var undecided = Undecided.zero

    package static let standard = RewardRule()

    package init() {}

    /// What becomes of a response with an undecided verdict.
    package enum Undecided: String, Sendable, Hashable, Codable, CaseIterable {
        /// The answer earns nothing, as a wrong one.
        case zero
        /// The group's mean and advantages are those of the other responses, and the loss has no term of this one. Its tokens
        /// count in the loss's denominator, as those of a group without variance do.
        case exclude
    }

    /// What a right answer earns in this mode.
    package var weightOfAnswer: Double { mode == .formatOnly ? 0 : accuracy }
    /// What a response in the form earns in this mode.
    package var weightOfForm: Double { mode == .accuracyOnly ? 0 : format }

    /// Which of the two rewards are given; all but `both` are ablations.
    package enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// The form earns; the answer earns in the form only.
        case both
        /// The form earns nothing; the answer earns in the form only.
        case accuracyOnly
        /// The form earns; the answer is judged and earns nothing.
        case formatOnly
        /// As `both`, and the answer also earns in a response without tags, where its last word is the answer.
        case untagged
    }
}
