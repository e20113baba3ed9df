import Primitives

/// The text around a question, with placeholders for the question and the other parts of a prompt.
///
///     try PromptTemplate("Q:{question}\nA:").turn(question: "17*3+58=?")   // "Q:17*3+58=?\nA:"
///     try PromptTemplate("r1")                                            // one of `names`
///
/// | placeholder | stands for |
/// | --- | --- |
/// | `{question}` | the question; must occur once |
/// | `{examples}` | worked examples, before the question; the text before it occurs once in a prompt |
/// | `{response}` | the response, after the question; the text after it ends a worked example |
/// | `{open}`, `{close}` | the tags of a thought |
/// | `{answerOpen}`, `{answerClose}` | the tags of an answer; nothing where it has none |
///
/// Without `{examples}` the whole text is one turn; without `{response}` a line break ends a turn. It is coded as its text.
package struct PromptTemplate: Sendable, Hashable, Codable {
    package static let standard = PromptTemplate(
        text: "Q:{question}\nA:", preamble: "", before: "Q:", after: "\nA:", ending: "\n")

    /// The text as given; for a named template, the text behind the name.
    package let text: String
    /// The text before the worked examples and the question; it occurs once.
    package let preamble: String
    private let before: String
    private let after: String
    /// The text between a response and the next turn.
    package let ending: String

    /// Reads a template or the name of one.
    ///
    /// Throws `SettingError` unless `{question}` occurs exactly once or the text is a name.
    package init(_ text: String, tags: ThoughtTags = .think) throws(SettingError) {
        let whole = (tags.answer == nil ? nil : Self.namedWithAnswerTags[text]) ?? Self.named[text] ?? text
        func split(_ part: String, on place: String, _ most: Int) throws(SettingError) -> [String] {
            let parts = part.splitBytes(on: place)
            guard parts.count - 1 <= most else {
                throw SettingError(
                    setting: "prompt.template", value: text,
                    remedy: "\(place) must be in it once, and is \(parts.count - 1) times")
            }
            return parts
        }
        let tagged = Self.filled(whole, with: tags)
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

    /// The turn of a question: everything after the preamble and the examples, up to the response.
    package func turn(question: String) -> String { before + question + after }

    /// The whole prompt of a question, without worked examples and prefill.
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
