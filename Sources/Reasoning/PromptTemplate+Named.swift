extension PromptTemplate {
    /// The names of the built-in templates, and the two that stand for the chat template of a model's folder.
    package static let names = [automatic, ofModel, "plain", "r1", "chatml"]

    /// The chat template of the model's folder, or `plain` for a model without one; read as `plain` before a model is
    /// known.
    package static let automatic = "auto"
    /// The chat template of the model's folder; an error for a model without one.
    package static let ofModel = "model"

    /// The words of a named template that only some vocabularies have as tokens of their own.
    package static func specialWords(of name: String) -> [String] {
        name == "chatml" ? ["<|im_start|>", "<|im_end|>"] : []
    }

    /// Everything that has a meaning of its own in a template.
    package static let placeholders = [
        "{question}", "{examples}", "{response}", "{open}", "{close}", "{answerOpen}", "{answerClose}",
    ]

    /// What a chat model is told, which was not tuned to think first.
    package static func instruction(_ tags: ThoughtTags) -> String {
        filled(tags.answer == nil ? instruction + "." : instruction + answerInstruction, with: tags)
    }

    /// The text with the tags in place of their placeholders.
    static func filled(_ text: String, with tags: ThoughtTags) -> String {
        text.replacingBytes("{open}", with: tags.open)
            .replacingBytes("{close}", with: tags.close)
            .replacingBytes("{answerOpen}", with: tags.answer?.open ?? "")
            .replacingBytes("{answerClose}", with: tags.answer?.close ?? "")
    }

    private static let instruction =
        "First think about the question between {open} and {close}, then give the answer alone"
    private static let answerInstruction = " between {answerOpen} and {answerClose}."

    private static let plain = "Q:{question}\nA:"

    static let named = [
        automatic: plain, "plain": plain,
        // Table 1 of DeepSeek-R1 (arXiv 2501.12948). The paper has a second pair of tags around the answer; here the answer
        // is the text after the thought, unless prompt.answerOpen and answerClose are set.
        "r1": """
        A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant \
        first thinks about the reasoning process in the mind and then provides the user with the answer. The reasoning \
        process is enclosed within {open} {close} tags and the answer follows them, i.e., {open} reasoning process here \
        {close} answer here.
        {examples}User: {question}
        Assistant:
        """,
        // The format on which models with `<|im_start|>` and `<|im_end|>` were tuned: SmolLM2, Qwen2, Qwen3.
        "chatml": """
        <|im_start|>system
        \(instruction).<|im_end|>
        {examples}<|im_start|>user
        {question}<|im_end|>
        <|im_start|>assistant
        {response}<|im_end|>

        """,
    ]

    /// The templates that say more where an answer has tags of its own.
    static let namedWithAnswerTags = [
        // Table 1 of DeepSeek-R1, as it is.
        "r1": """
        A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant \
        first thinks about the reasoning process in the mind and then provides the user with the answer. The reasoning \
        process and answer are enclosed within {open} {close} and {answerOpen} {answerClose} tags, respectively, i.e., \
        {open} reasoning process here {close} {answerOpen} answer here {answerClose}.
        {examples}User: {question}
        Assistant:
        """,
        "chatml": """
        <|im_start|>system
        \(instruction)\(answerInstruction)<|im_end|>
        {examples}<|im_start|>user
        {question}<|im_end|>
        <|im_start|>assistant
        {response}<|im_end|>

        """,
    ]
}
