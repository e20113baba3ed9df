import Primitives

/// The text around a question, with places for the question and for what else a prompt holds.
///
///     try PromptTemplate("Q:{question}\nA:").turn(question: "17*3+58=?")   // "Q:17*3+58=?\nA:"
///     try PromptTemplate("r1")                                            // one of `names`
///
/// | place | is |
/// | --- | --- |
/// | `{question}` | the question; must be there once |
/// | `{examples}` | where worked examples go, before the question; what stands before it is said once |
/// | `{response}` | where a response goes, after the question; what stands behind it ends a worked example |
/// | `{open}`, `{close}` | the tags of a thought |
///
/// Without `{examples}` the whole text is a turn, and without `{response}` a line break ends one. Codable as the text.
package struct PromptTemplate: Sendable, Hashable, Codable {
    package static let standard = PromptTemplate(
        text: "Q:{question}\nA:", preamble: "", before: "Q:", after: "\nA:", ending: "\n")

    /// As it was given; of a name, what the name stands for.
    package let text: String
    /// Said once, before worked examples and question.
    package let preamble: String
    private let before: String
    private let after: String
    /// What follows a response before the next turn begins.
    package let ending: String

    /// Throws `SettingError` unless `{question}` is in the text exactly once, or the text is a name.
    package init(_ text: String, tags: ThoughtTags = .think) throws(SettingError) {
        let whole = Self.named[text] ?? text
        func split(_ part: String, on place: String, _ most: Int) throws(SettingError) -> [String] {
            let parts = part.splitBytes(on: place)
            guard parts.count - 1 <= most else {
                throw SettingError(
                    setting: "prompt.template", value: text,
                    remedy: "\(place) must be in it once, and is \(parts.count - 1) times")
            }
            return parts
        }
        let tagged = whole.replacingBytes("{open}", with: tags.open)
            .replacingBytes("{close}", with: tags.close)
        let preambleAndTurn = try split(tagged, on: "{examples}", 1)
        let turn = preambleAndTurn.count == 2 ? preambleAndTurn[1] : tagged
        let askedAndEnding = try split(turn, on: "{response}", 1)
        let parts = try split(askedAndEnding[0], on: "{question}", 1)
        guard parts.count == 2 else {
            throw SettingError(setting: "prompt.template", value: text, remedy: Self.lack(in: text))
        }
        if (preambleAndTurn.dropLast() + askedAndEnding.dropFirst())
            .contains(where: { $0.splitBytes(on: "{question}").count > 1 })
        {
            throw SettingError(
                setting: "prompt.template", value: text,
                remedy: "{question} must stand once, behind {examples} and before {response}")
        }
        self.init(
            text: whole, preamble: preambleAndTurn.count == 2 ? preambleAndTurn[0] : "", before: parts[0],
            after: parts[1], ending: askedAndEnding.count == 2 ? askedAndEnding[1] : "\n")
    }

    private static func lack(in text: String) -> String {
        let known = "a name is one of \(names.joined(separator: ", "))"
        guard let nearest = NearestName.first(text, among: names) else {
            return "{question} must be in it once, and is 0 times; \(known)"
        }
        return "did you mean \(nearest)? \(known), and a text must have {question} in it once"
    }

    private init(text: String, preamble: String, before: String, after: String, ending: String) {
        self.text = text
        self.preamble = preamble
        self.before = before
        self.after = after
        self.ending = ending
    }

    /// A question as it is asked, without the preamble and up to where the response begins.
    package func turn(question: String) -> String { before + question + after }

    /// The whole prompt of a question when there are no worked examples and nothing is prefilled.
    package func prompt(question: String) -> String { preamble + turn(question: question) }

    package func prompt(for problem: Problem) -> String { prompt(question: problem.question) }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
