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

    package static let standard = RewardRule()

    package init() {}

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
