package import Reasoning
package import Reinforcement
package import Settings
package import Tokenization

/// How a run's problems become prompts, and what its responses earn; the same in every worker and in the coordinator.
package struct RolloutRules: Sendable {
    package let configuration: RunConfiguration
    package let tokenizer: Tokenizer
    package let scorer: Scorer
    /// What a response ends with.
    package let ends: ResponseEnds
    /// What an answer without a thought is made of: digits, minus and what ends it.
    package let answerTokens: [Int32]
    private let writer: PromptWriter

    /// Longest answer to a question that is asked directly, in tokens, the end token included.
    package static let directLimit = 8

    /// - Throws: `SettingError`, `VerifierError`; of a validated configuration only for stop strings that are not tokens.
    /// - Parameter endTokens: the model's own.
    package init(_ configuration: RunConfiguration, endTokens: Set<Int32>, _ tokenizer: Tokenizer) throws {
        self.configuration = configuration
        self.tokenizer = tokenizer
        scorer = try configuration.scorer()
        writer = try configuration.promptWriter()
        ends = try ResponseEnds(
            endTokens: endTokens, stops: configuration.prompt.stop,
            tokenizer)
        answerTokens = "0123456789-".compactMap { tokenizer.id(of: String($0)) } + ends.exact.sorted()
    }

    /// Most rows that are decoded at a time; nil for the number that is fastest.
    package var slots: Int? {
        configuration.rollout.slots > 0 ? configuration.rollout.slots : nil
    }

    /// Whether only an answer may be sampled.
    package func isDirect(_ purpose: Purpose) -> Bool { purpose == .direct || configuration.prompt.direct }

    /// What a question is asked with.
    package func written(_ question: String, _ purpose: Purpose) -> Prompt {
        isDirect(purpose) ? writer.direct(question: question) : writer.prompt(question: question)
    }

    /// Token ids of the prompt, what is prefilled included.
    ///
    /// - Throws: `TokenizerError` for a character that the vocabulary lacks.
    package func prompt(for problem: Problem, _ purpose: Purpose) throws -> [Int32] {
        try tokenizer.encode(written(problem.question, purpose).whole)
    }

    /// Longest response, in tokens, the end token included.
    package func lengthLimit(_ purpose: Purpose) -> Int {
        let limit = configuration.rollout.maxNewTokens
        return isDirect(purpose) ? min(Self.directLimit, limit) : limit
    }

    package func sampling(_ purpose: Purpose) -> Sampling {
        Sampling(
            // Measured as the policy is, whatever training explores with.
            temperature: purpose == .training ? configuration.rollout.temperature : 1,
            allowed: isDirect(purpose) ? answerTokens : nil, maxNewTokens: lengthLimit(purpose),
            endTokens: ends.tokens)
    }

    /// The text of a response as the format rule sees it: behind what was prefilled, without what ended it.
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
        try submit(trace).scored(expected: problem.expected)
    }

    /// Decodes a trace, for a verdict that comes from elsewhere.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func submit(_ trace: Trace) throws -> TraceSubmission {
        let purpose = trace.id.round.purpose
        return TraceSubmission(
            trace, response: try response(trace.tokens, purpose), isDirect: isDirect(purpose), scorer)
    }
}
