/// How much a response earns for its form and for its answer.
///
///     RewardRule.standard   // 1 for the right answer in the form, 0.2 for the form
package struct RewardRule: Sendable, Hashable, Codable {
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

    /// For a right answer.
    package let accuracy: Double
    /// For a response in the form.
    package let format: Double
    package let mode: Mode

    package static let standard = RewardRule(unchecked: 1, 0.2, .both)

    /// Throws `SettingError` for rewards that are negative, above 1,000 or not numbers.
    package init(accuracy: Double = 1, format: Double = 0.2, mode: Mode = .both) throws(SettingError) {
        for (name, value) in [("accuracy", accuracy), ("format", format)] where !(0...1000).contains(value) {
            throw SettingError(
                setting: "reward.\(name)", value: "\(value)", remedy: "it must lie within 0...1000")
        }
        self.init(unchecked: accuracy, format, mode)
    }

    private init(unchecked accuracy: Double, _ format: Double, _ mode: Mode) {
        self.accuracy = accuracy
        self.format = format
        self.mode = mode
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            accuracy: container.decodeIfPresent(Double.self, forKey: .accuracy) ?? Self.standard.accuracy,
            format: container.decodeIfPresent(Double.self, forKey: .format) ?? Self.standard.format,
            mode: container.decodeIfPresent(Mode.self, forKey: .mode) ?? .both)
    }
}
