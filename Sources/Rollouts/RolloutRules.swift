package import Reasoning
package import Reinforcement
package import RunStore
package import Tokenization
package import Transformers

/// How a run's problems become prompts, and what its responses earn; the same in every worker and in the coordinator.
package struct RolloutRules: Sendable {
    package let configuration: RunConfiguration
    package let tokenizer: Tokenizer
    package let scorer: Scorer
    /// What an answer without a thought is made of: digits, minus and the end token.
    package let answerTokens: [Int32]
    private let template: PromptTemplate

    /// Longest answer to a question that is asked directly, in tokens, the end token included.
    package static let directLimit = 8

    /// - Throws: `SettingError`, `VerifierError`; of a validated configuration neither.
    package init(_ configuration: RunConfiguration, _ tokenizer: Tokenizer) throws {
        self.configuration = configuration
        self.tokenizer = tokenizer
        scorer = try configuration.scorer()
        template = try configuration.promptTemplate()
        answerTokens = "0123456789-".compactMap { tokenizer.id(of: String($0)) } + [tokenizer.endToken]
    }

    /// Whether only an answer may be sampled.
    package func isDirect(_ purpose: Purpose) -> Bool { purpose == .direct || configuration.prompt.direct }

    /// Token ids of the prompt.
    ///
    /// - Throws: `TokenizerError` for a character that the vocabulary lacks.
    package func prompt(for problem: Problem) throws -> [Int32] {
        try tokenizer.encode(template.prompt(for: problem))
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
            allowed: isDirect(purpose) ? answerTokens : nil, maxNewTokens: lengthLimit(purpose))
    }

    /// Decodes a trace and scores it by the two rules.
    ///
    /// - Throws: `TokenizerError` for an id that the vocabulary does not have.
    package func score(_ trace: Trace, of problem: Problem) throws -> ScoredTrace {
        let finished = trace.finish == .end
        let response = try tokenizer.text(of: finished ? trace.tokens.dropLast() : trace.tokens[...])
        let reward =
            isDirect(trace.id.round.purpose)
            ? scorer.score(direct: response, finished: finished, expected: problem.expected)
            : scorer.score(response: response, finished: finished, expected: problem.expected)
        return ScoredTrace(trace: trace, response: response, reward: reward)
    }

    /// Whether a response is in the form, whatever the form earns in this run.
    package func isInForm(_ scored: ScoredTrace) -> Bool {
        guard !isDirect(scored.trace.id.round.purpose) else { return false }
        if case .kept = scorer.format.form(of: scored.response, finished: scored.trace.finish == .end) {
            return true
        }
        return false
    }

    /// Whether an answer is right and was read where it belongs: behind a thought, unless it was asked for directly.
    package func isRight(_ scored: ScoredTrace) -> Bool {
        scored.reward.verdict == .correct && (isDirect(scored.trace.id.round.purpose) || isInForm(scored))
    }
}
