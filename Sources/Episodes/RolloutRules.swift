package import Reasoning
package import Reinforcement
package import Settings
package import Tokenization

/// How a run's problems become prompts and how its responses are scored.
///
/// The rules are the same in every worker and in the coordinator.
package struct RolloutRules: Sendable {
    package let configuration: RunConfiguration
    package let tokenizer: Tokenizer
    package let scorer: Scorer
    /// The tokens that end a response.
    package let ends: ResponseEnds
    /// Tokens that may form an answer without a thought: those made of digits, minus signs and white space, and the
    /// tokens that end it.
    package let answerTokens: [Int32]
    private let writer: PromptWriter

    /// Longest answer to a question that is asked directly, in tokens, including the end token.
    package static let directLimit = 8

    /// - Parameter endTokens: the model's own end tokens.
    /// - Throws: `SettingError`, `VerifierError`; for a validated configuration, only because of stop strings
    ///   that are not tokens.
    package init(_ configuration: RunConfiguration, endTokens: Set<Int32>, _ tokenizer: Tokenizer) throws {
        self.configuration = configuration
        self.tokenizer = tokenizer
        scorer = try configuration.scorer()
        writer = try configuration.promptWriter()
        ends = try ResponseEnds(
            endTokens: endTokens, stops: configuration.prompt.stop,
            tokenizer)
        answerTokens = tokenizer.numberTokens + ends.exact.sorted()
    }

    /// Largest number of rows that are decoded at a time; nil for the fastest number.
    package var slots: Int? {
        configuration.rollout.slots > 0 ? configuration.rollout.slots : nil
    }

    /// Whether only an answer may be sampled, without a thought.
    package func isDirect(_ purpose: Purpose) -> Bool { purpose == .direct || configuration.prompt.direct }

    /// The text that a question is asked with.
    package func written(_ question: String, _ purpose: Purpose) -> Prompt {
        isDirect(purpose) ? writer.direct(question: question) : writer.prompt(question: question)
    }

    /// Token ids of the prompt, including prefilled text.
    ///
    /// - Throws: `TokenizerError` for a character that the vocabulary lacks.
    package func prompt(for problem: Problem, _ purpose: Purpose) throws -> [Int32] {
        try tokens(of: written(problem.question, purpose))
    }

    /// Token ids of a prompt, with the begin tokens of the tokenizer.
    ///
    /// - Throws: `TokenizerError` for a character that the vocabulary lacks.
    package func tokens(of prompt: Prompt) throws -> [Int32] {
        let ids = try tokenizer.encode(prompt.whole)
        return beginTokens(before: ids) + ids
    }

    /// The tokens with which the model's tokenizer begins every text; none for a prompt that begins with them itself.
    package func beginTokens(before ids: [Int32]) -> [Int32] {
        configuration.prompt.beginToken && !ids.starts(with: tokenizer.beginTokens)
            ? tokenizer.beginTokens : []
    }

    /// Checks that the special words of a named template are tokens of the model.
    ///
    /// - Throws: `SettingError` naming a word that is not.
    package func checkTemplateWords() throws {
        let template = configuration.prompt.template
        for word in PromptTemplate.specialWords(of: template) where tokenizer.id(of: word) == nil {
            throw SettingError(
                setting: "prompt.template", value: template,
                remedy: "its \(word) is no token of this model; take another template, such as auto or plain")
        }
    }

    /// Longest response, in tokens, including the end token.
    package func lengthLimit(_ purpose: Purpose) -> Int {
        let limit = configuration.rollout.maxNewTokens
        return isDirect(purpose) ? min(Self.directLimit, limit) : limit
    }

    /// Evaluation measures the policy as it is, so it does not use the temperature of training.
    private func temperature(_ purpose: Purpose) -> Double {
        switch purpose {
        case .training: configuration.rollout.temperature
        case .evaluation, .direct: 1
        case .greedy: 0
        }
    }

    package func sampling(_ purpose: Purpose) -> Sampling {
        Sampling(
            temperature: temperature(purpose), allowed: isDirect(purpose) ? answerTokens : nil,
            maxNewTokens: lengthLimit(purpose),
            endTokens: ends.tokens)
    }

    /// The text of a response as the format rule sees it.
    ///
    /// It begins with the prefilled text, unless the question was asked directly. What ended it is left out.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func response(_ tokens: [Int32], _ purpose: Purpose) throws -> String {
        let sampled = try ends.text(of: tokens, tokenizer)
        return isDirect(purpose) ? sampled : writer.prefill + sampled
    }

    /// Decodes a trace and scores it by the two rules.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func score(_ trace: Trace, of problem: Problem) throws -> ScoredTrace {
        try submit(trace).scored(of: problem)
    }

    /// Decodes a trace that will be scored with a verdict from elsewhere.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func submit(_ trace: Trace) throws -> TraceSubmission {
        let purpose = trace.id.round.purpose
        return TraceSubmission(
            trace, response: try response(trace.tokens, purpose), isDirect: isDirect(purpose), scorer)
    }
}
