/// What a model is given to continue.
package struct Prompt: Sendable, Hashable {
    /// Everything that is asked.
    package let text: String
    /// The beginning of the response, written for the model; the format rule sees it as the model's own.
    package let prefill: String

    /// What the model continues.
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
    /// Preamble and worked examples, the thoughts in them or left out.
    private let thinkingOpening: String
    private let directOpening: String

    /// Throws `SettingError` for a prefill that no response in the form begins with, and for an example out of the form.
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
        // An example opens its thought as the prefill does, spaces before the tag included.
        let parts = prefill.splitBytes(on: tags.open)
        let opening = parts.count == 2 ? parts[0] + tags.open : tags.open
        var thinking = template.preamble
        var direct = template.preamble
        for example in examples {
            let response = opening + example.thought + tags.close + example.answer
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
        return ["x", close + "x", "x\(close)x", "\(open)x\(close)x"].contains { rest in
            if case .kept = rule.form(of: prefill + rest, finished: true) { true } else { false }
        }
    }

    /// The prompt of a question that is to be thought about.
    package func prompt(question: String) -> Prompt {
        Prompt(text: thinkingOpening + template.turn(question: question), prefill: prefill)
    }

    /// The prompt of a question that is to be answered at once.
    ///
    /// The examples show answers alone and nothing is prefilled, except that an answer begins where a thought would: behind
    /// the white space that the prefill begins with.
    package func direct(question: String) -> Prompt {
        let space = prefill.prefix { $0.isWhitespace }
        return Prompt(text: directOpening + template.turn(question: question) + space, prefill: "")
    }
}
