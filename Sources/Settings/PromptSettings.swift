package import Reasoning
package import StrictConfiguration

/// Settings of the prompt around a question, and of the tags around a thought.
package struct PromptSettings: ConfigurationSection {
    @Setting(
        .text,
        "\(PromptTemplate.names.joined(separator: ", ")), or the prompt itself with {question}; also {examples} {response} {open} {close} {answerOpen} {answerClose}; model is the chat template of the model's folder, auto the same or plain for a model without one"
    )
    package var template = PromptTemplate.automatic
    @Setting(
        .flag,
        "begin a prompt with the tokens that the model's tokenizer puts before every text, unless it begins so itself"
    )
    package var beginToken = true
    @Setting(
        .optionalText, "the beginning of every response that is to be thought about, such as the opening tag")
    package var prefill: String? = nil
    @Setting(
        .records(
            ["question", "thought", "answer"], atMost: 64,
            texts: { [$0.question, $0.thought, $0.answer] },
            value: { PromptExample(question: $0[0], thought: $0[1], answer: $0[2]) }),
        "questions worked out before the one that is asked; spaces count")
    package var examples: [PromptExample] = []
    @Setting(.texts(atMost: 64), "texts of one token each that end a response as the end token does")
    package var stop: [String] = []
    @Setting(.text, "opens a thought")
    package var open = ThoughtTags.think.open
    @Setting(.text, "closes a thought")
    package var close = ThoughtTags.think.close
    @Setting(
        .optionalText,
        "opens the answer behind the thought, as <answer>; null: the answer is all that follows the thought")
    package var answerOpen: String? = nil
    @Setting(.optionalText, "closes the answer, as </answer>; set both or neither")
    package var answerClose: String? = nil
    @Setting(.flag, "train without thoughts: only an answer may be sampled")
    package var direct = false

    package init() {}
}
