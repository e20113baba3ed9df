/// A question with an answer that a rule can check.
///
///     Problem(id: "bills/3f2a…", question: "17*3+58=?", expected: "109", difficulty: 2)
package struct Problem: Sendable, Hashable, Codable {
    /// Names the problem for ever: the same question has the same id in every run.
    package let id: String
    /// What is asked, without a prompt around it.
    package let question: String
    /// The right answer as its verifier reads it: a number, a word, or a JSON object.
    package let expected: String
    /// How hard it is said to be, in the source's own unit (terms in a bill, steps in a chain).
    package let difficulty: Int
    /// A JSON object for an external verifier, as text; the verifiers that come with Ponder never see it.
    package let metadata: String?

    package init(id: String, question: String, expected: String, difficulty: Int, metadata: String? = nil) {
        self.id = id
        self.question = question
        self.expected = expected
        self.difficulty = difficulty
        self.metadata = metadata
    }
}
