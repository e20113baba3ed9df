/// A worked example, which the model sees before its own question.
///
///     PromptExample(question: "4 + 5 = ?", thought: " 4 and 5 make 9. ", answer: " 9")
///
/// The texts are joined without adding spaces.
package struct PromptExample: Sendable, Hashable, Codable {
    package let question: String
    /// The text between the tags.
    package let thought: String
    /// The text after the closing tag.
    package let answer: String

    package init(question: String, thought: String, answer: String) {
        self.question = question
        self.thought = thought
        self.answer = answer
    }
}
