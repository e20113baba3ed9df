/// A question with an answer that a rule can check.
///
///     Problem(id: "bills/3f2a…", question: "17*3+58=?", expected: "109", difficulty: 2)
package struct Problem: Sendable, Hashable, Codable {
    /// A permanent name: the same question has the same id in every run.
    package let id: String
    /// The question, without a prompt around it.
    package let question: String
    /// The right answer, in the form that its verifier reads: a number, a word, or a JSON object.
    package let expected: String
    /// The difficulty in the source's own unit (terms of a bill, steps of a chain).
    package let difficulty: Int
    /// The text of a JSON object for an external verifier; the built-in verifiers never see it.
    package let metadata: String?

    package init(id: String, question: String, expected: String, difficulty: Int, metadata: String? = nil) {
        self.id = id
        self.question = question
        self.expected = expected
        self.difficulty = difficulty
        self.metadata = metadata
    }
}
