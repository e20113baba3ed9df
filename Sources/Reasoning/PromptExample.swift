/// A question worked out for the model to see before it is asked its own.
///
///     PromptExample(question: "4 + 5 = ?", thought: " 4 and 5 make 9. ", answer: " 9")
///
/// The texts are put together as they are: a space belongs to the text that has it.
package struct PromptExample: Sendable, Hashable, Codable {
    package let question: String
    /// Between the tags.
    package let thought: String
    /// Behind the closing tag.
    package let answer: String

    package init(question: String, thought: String, answer: String) {
        self.question = question
        self.thought = thought
        self.answer = answer
    }
}
