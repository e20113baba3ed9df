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
    /// The name of the verifier that judges it; nil for the run's own.
    package let verifier: String?

    package init(
        id: String, question: String, expected: String, difficulty: Int, metadata: String? = nil,
        verifier: String? = nil
    ) {
        self.id = id
        self.question = question
        self.expected = expected
        self.difficulty = difficulty
        self.metadata = metadata
        self.verifier = verifier
    }

    /// The most bytes of an id that a worker reads.
    package static let idLimit = 256
    /// The most bytes of a question, an expected answer or metadata that a worker reads.
    package static let textLimit = 64 << 10

    /// The first part that is too large to be sent to a worker; nil when all parts fit.
    package var sizeFlaw: (found: String, limit: Int)? {
        let parts = [
            ("id", id, Self.idLimit), ("question", question, Self.textLimit),
            ("expected answer", expected, Self.textLimit), ("metadata", metadata ?? "", Self.textLimit),
        ]
        return parts.first { $0.1.utf8.count > $0.2 }.map {
            (found: "its \($0.0) has \($0.1.utf8.count) bytes", limit: $0.2)
        }
    }
}
