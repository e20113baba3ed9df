/// The text that a model continues.
package struct Prompt: Sendable, Hashable {
    /// Everything before the response.
    package let text: String
    /// The beginning of the response, written for the model; the format rule counts it as the model's own text.
    package let prefill: String

    /// The prompt followed by the prefill.
    package var whole: String { text + prefill }
}

/// Writes prompts: a template, worked examples, and the beginning of the response.
///
///     let writer = try PromptWriter(
///         template: PromptTemplate("User: {question}\nAssistant:"), prefill: " <think>",
///         examples: [PromptExample(question: "4 + 5 = ?", thought: " 4 and 5 make 9. ", answer: " 9")])
///     writer.prompt(question: "12 + 7 = ?").whole
///     // User: 4 + 5 = ?
///     // Assistant: <think> 4 and 5 make 9. </think> 9
///     // User: 12 + 7 = ?
///     // Assistant: <think>
package struct PromptWriter: Sendable, Hashable {
    package let template: PromptTemplate
    package let tags: ThoughtTags
    package let prefill: String
    /// The preamble and the worked examples, with their thoughts and without.
    private let thinkingOpening: String
    private let directOpening: String

    /// Throws `SettingError` if no response in the form can begin with the prefill, or if an example is not in the form.
    package init(
        template: PromptTemplate, tags: ThoughtTags = .think, prefill: String = "",
        examples: [PromptExample] = []
    ) throws(SettingError) {
        let rule = FormatRule(tags: tags)
        guard Self.canBeInForm(prefill, rule) else {
            throw SettingError(
                setting: "prompt.prefill", value: prefill,
                remedy: "no response that begins with it is in the form; '\(tags.open)' must begin it")
        }
        // An example opens its thought as the prefill does, with the same spaces before the tag.
        let parts = prefill.splitBytes(on: tags.open)
        let opening = parts.count == 2 ? parts[0] + tags.open : tags.open
        var thinking = template.preamble
        var direct = template.preamble
        for example in examples {
            let response = opening + example.thought + tags.close + tags.wrapped(example.answer)
            if case .broken(let fault) = rule.form(of: response, finished: true) {
                throw SettingError(
                    setting: "prompt.examples", value: example.question,
                    remedy: "its thought and answer must be in the form themselves (\(fault.rawValue))")
            }
            let turn = template.turn(question: example.question)
            thinking += turn + response + template.ending
            direct += turn + example.answer + template.ending
        }
        self.template = template
        self.tags = tags
        self.prefill = prefill
        thinkingOpening = thinking
        directOpening = direct
    }

    private static func canBeInForm(_ prefill: String, _ rule: FormatRule) -> Bool {
        let (open, close) = (rule.tags.open, rule.tags.close)
        let answer = rule.tags.wrapped("x")
        // A prefill may also open the answer.
        let rests = ["x", "x" + (rule.tags.answer?.close ?? ""), answer]
        return (rests + [close + answer, "x\(close)\(answer)", "\(open)x\(close)\(answer)"]).contains {
            rest in
            if case .kept = rule.form(of: prefill + rest, finished: true) { true } else { false }
        }
    }

    /// The prompt for a question to be answered after a thought.
    package func prompt(question: String) -> Prompt {
        Prompt(text: thinkingOpening + template.turn(question: question), prefill: prefill)
    }

    /// The prompt for a question to be answered without a thought.
    ///
    /// The examples show only answers, and nothing is prefilled. The prompt ends with the white space at the start of the
    /// prefill, so that an answer begins where a thought would.
    package func direct(question: String) -> Prompt {
        let space = prefill.prefix { $0.isWhitespace }
        return Prompt(text: directOpening + template.turn(question: question) + space, prefill: "")
    }
}
