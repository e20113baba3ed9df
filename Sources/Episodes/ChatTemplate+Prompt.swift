package import Reasoning

extension ChatTemplate {
    /// A chat template as a template of Ponder's own.
    package struct Written: Sendable, Hashable {
        /// The text for `prompt.template`, with `{question}` in it.
        package let template: String
        /// The beginning of a thought that the chat template writes itself, for `prompt.prefill`; nil for none.
        package let prefill: String?
        /// Whether worked examples can stand before the question.
        package let takesExamples: Bool
    }

    /// Renders the template with questions that stand for others, and takes what is around them.
    ///
    /// The instruction to think is the system message; where the template writes no system message, it stands above
    /// the question. A second, stranger question shows whether the text depends on the question, and a conversation
    /// of two turns shows where worked examples go.
    ///
    /// - Throws: `SettingError` for a template that does more than put text around a question, and without Python
    ///   or jinja2.
    package func written(_ tags: ThoughtTags) throws(SettingError) -> Written {
        do throws(ChatTemplateFailure) {
            return try read(render(Self.conversations(tags)), tags)
        } catch {
            throw SettingError(
                setting: "prompt.template", value: PromptTemplate.ofModel,
                remedy: "the chat template of the model's folder \(error.reason)")
        }
    }

    /// Questions and an answer that no template contains.
    static let question = "ponder-question-7Q2"
    static let secondQuestion = "ponder <question> & \"3\"\n'x'"
    static let answer = "ponder-answer-5K8"

    /// The conversations that `read` expects, with a system message and without.
    static func conversations(_ tags: ThoughtTags) -> [[ChatMessage]] {
        let instruction = PromptTemplate.instruction(tags)
        func user(_ text: String) -> ChatMessage { ChatMessage(role: "user", content: text) }
        let assistant = ChatMessage(role: "assistant", content: answer)
        func turns(_ first: [ChatMessage], _ ask: (String) -> ChatMessage) -> [[ChatMessage]] {
            [
                first + [ask(question)], first + [ask(secondQuestion)],
                first + [ask(question), assistant, user(secondQuestion)],
            ]
        }
        return turns([ChatMessage(role: "system", content: instruction)], user)
            + turns([]) { user(instruction + "\n\n" + $0) }
    }

    /// Takes apart what the template made of `conversations`: those with a system message, else those without.
    func read(_ renderings: [Rendering], _ tags: ThoughtTags) throws(ChatTemplateFailure) -> Written {
        if let written = try? read(turns: Array(renderings[..<3]), tags) { return written }
        return try read(turns: Array(renderings[3...]), tags)
    }

    private func read(turns: [Rendering], _ tags: ThoughtTags) throws(ChatTemplateFailure) -> Written {
        let first = try Self.around(Self.question, try turns[0].get())
        guard try Self.around(Self.secondQuestion, try turns[1].get()) == first else {
            throw ChatTemplateFailure(
                reason: "writes other text around other questions; \(Self.remedy)")
        }
        guard first.before.splitBytes(on: PromptTemplate.instruction(tags)).count == 2 else {
            throw ChatTemplateFailure(
                reason:
                    "leaves out the instruction to think, in the system message as in front of the question; "
                    + Self.remedy)
        }
        if let found = PromptTemplate.placeholders.first(where: { (first.before + first.after).contains($0) })
        {
            throw ChatTemplateFailure(
                reason: "writes \(found), which has a meaning of its own in prompt.template; \(Self.remedy)")
        }
        let (after, prefill) = Self.withoutOpening(first.after, tags)
        let examples = (try? turns[2].get()).flatMap { Self.examples($0, first.before, after) }
        guard let examples, !PromptTemplate.placeholders.contains(where: { examples.ending.contains($0) })
        else {
            return Written(
                template: first.before + "{question}" + after, prefill: prefill, takesExamples: false)
        }
        return Written(
            template: examples.preamble + "{examples}" + examples.before + "{question}" + after + "{response}"
                + examples.ending,
            prefill: prefill, takesExamples: true)
    }

    /// The text before and after the only place of a question.
    private static func around(
        _ question: String, _ text: String
    ) throws(ChatTemplateFailure) -> (before: String, after: String) {
        let parts = text.splitBytes(on: question)
        switch parts.count {
        case 2: return (parts[0], parts[1])
        case 1: throw ChatTemplateFailure(reason: "leaves out or changes the question; \(remedy)")
        default:
            throw ChatTemplateFailure(
                reason: "writes the question \(parts.count - 1) times, and it must be there once; \(remedy)")
        }
    }

    /// Cuts off the opening tag with which some templates begin the response.
    private static func withoutOpening(_ text: String, _ tags: ThoughtTags) -> (
        text: String, opening: String?
    ) {
        let parts = text.splitBytes(on: tags.open)
        guard parts.count == 2, parts[1].isBlank else { return (text, nil) }
        return (parts[0], tags.open + parts[1])
    }

    /// Cuts a conversation of two turns: what stands once before the examples, before each question, and behind each
    /// response; nil when its turns differ from a single one.
    private static func examples(
        _ text: String, _ start: String, _ after: String
    ) -> (preamble: String, before: String, ending: String)? {
        let opening = start + question + after + answer
        let answered = text.splitBytes(on: answer)
        guard answered.count == 2, opening == answered[0] + answer else { return nil }
        let between = answered[1].splitBytes(on: secondQuestion)
        guard between.count == 2, between[1].hasPrefix(after) else { return nil }
        // What ends both the text before the first question and the text before the second one begins a turn.
        let shared = zip(start.unicodeScalars.reversed(), between[0].unicodeScalars.reversed())
            .prefix { $0 == $1 }.count
        func cut(_ text: String) -> (String, String) {
            let scalars = text.unicodeScalars
            return (String(scalars.dropLast(shared)), String(scalars.suffix(shared)))
        }
        let (preamble, before) = cut(start)
        return (preamble, before, cut(between[0]).0)
    }
}
