/// How a line of a problems file says what is asked and what is right.
package enum ProblemFormat: String, Sendable, Hashable, CaseIterable {
    /// A question and an expected answer, under names that can be chosen.
    case fields
    /// As GSM8K has it: `question`, and `answer` whose last line is `#### 1,234`; as hard as it has `<<…>>` steps.
    case gsm8k
    /// As the Countdown sets have it: `nums` and `target`, sometimes `use`; as hard as there are numbers.
    case countdown
}

/// Under which names a line of the format `fields` has its parts; nil for the usual ones.
package struct ProblemFields: Sendable, Hashable {
    /// Usually `question`.
    package var question: String?
    /// Usually `expected` or `answer`.
    package var answer: String?
    /// Usually `id`, which a line may lack.
    package var id: String?
    /// Usually `difficulty`, which a line may lack.
    package var difficulty: String?

    package init(
        question: String? = nil, answer: String? = nil, id: String? = nil, difficulty: String? = nil
    ) {
        self.question = question
        self.answer = answer
        self.id = id
        self.difficulty = difficulty
    }
}
