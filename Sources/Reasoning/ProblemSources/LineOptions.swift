package import StrictConfiguration

/// How the lines of a problems file, or of a program, are read and which of them are used.
package struct LineOptions: ConfigurationSection {
    @Setting(
        .choice, "how a line is written: with the fields below, as in GSM8K, or as in the Countdown sets")
    package var format = ProblemFormat.fields
    package var fields = ProblemFields()
    @Setting(.range(within: anyDifficulty), "only these problems of a file or program are used")
    package var difficulty = anyDifficulty
    @Setting(.flag, "leave out lines that cannot be used, and say how many; otherwise they are an error")
    package var skipInvalid = false

    /// Takes the problems of every difficulty, also of those outside.
    package static let anyDifficulty = 0...1_000_000

    package static let isInline = true

    package init() {}

    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            format == .fields || fields == ProblemFields(), "fields",
            "format \(format.rawValue) has its own names; remove the fields")
        return faults
    }
}

/// How a line of a problems file says what is asked and what is right.
package enum ProblemFormat: String, Sendable, Hashable, CaseIterable {
    /// A question and an expected answer, under names that can be chosen.
    case fields
    /// As in GSM8K: `question`, and `answer` whose last line is `#### 1,234`; the difficulty is the number of `<<…>>` steps.
    case gsm8k
    /// As in the Countdown sets: `nums` and `target`, sometimes `use`; the difficulty is how many numbers there are.
    case countdown
}

/// The names of a line's parts in the format `fields`; nil for the usual ones.
package struct ProblemFields: ConfigurationSection {
    @Setting(.optionalText, "null: question")
    package var question: String? = nil
    @Setting(.optionalText, "null: expected or answer")
    package var answer: String? = nil
    @Setting(.optionalText, "null: id, which a line may lack")
    package var id: String? = nil
    @Setting(.optionalText, "null: difficulty, which a line may lack")
    package var difficulty: String? = nil
    @Setting(
        .optionalText, "null: verifier, which a line may lack; the name of the rule that judges its answers")
    package var verifier: String? = nil

    package init() {}
}
