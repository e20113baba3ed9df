/// Turns a question into what the model is given to continue.
///
///     try PromptTemplate("Q:{question}\nA:").prompt(for: problem)   // "Q:17*3+58=?\nA:"
///
/// A thought and a direct answer continue the same prompt. Codable as the text itself.
package struct PromptTemplate: Sendable, Hashable, Codable {
    package static let placeholder = "{question}"
    package static let standard = PromptTemplate(before: "Q:", after: "\nA:")

    private let before: String
    private let after: String

    /// Throws `SettingError` unless `{question}` is in the text exactly once.
    package init(_ text: String) throws(SettingError) {
        let parts = text.splitBytes(on: Self.placeholder)
        guard parts.count == 2 else {
            throw SettingError(
                setting: "prompt.template", value: text,
                remedy: "\(Self.placeholder) must be in it once, and is \(parts.count - 1) times")
        }
        self.init(before: parts[0], after: parts[1])
    }

    private init(before: String, after: String) {
        self.before = before
        self.after = after
    }

    package var text: String { before + Self.placeholder + after }

    package func prompt(question: String) -> String { before + question + after }

    package func prompt(for problem: Problem) -> String { prompt(question: problem.question) }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
