package import Torch
package import Transformers

/// Computes the log-probabilities with which one version of the policy sampled the tokens of traces.
package struct TraceAudit {
    private let model: Policy
    /// Set when rollouts compute in bfloat16, because only the same arithmetic repeats its rounding.
    private let generator: Generator?

    /// Tokens of one pass, prompts included; this limits the memory of an audit.
    private static let passTokens = 2048

    /// - Parameter dtype: precision of the rollouts.
    package init(_ model: Policy, dtype: DType = .float32) throws {
        self.model = model
        generator = dtype == .float32 ? nil : try Generator(model, dtype: dtype)
    }

    /// Log-probability (natural log) of each token of each response.
    ///
    /// Many responses are computed in one pass or, in bfloat16, token by token side by side, as on a worker.
    ///
    /// - Returns: [passages][tokens of the response]
    package func logProbabilities(of passages: [PromptedResponse], _ rule: DrawRule) throws -> [[Float]] {
        try withoutGradients {
            if let generator { return try generator.logProbabilities(of: passages, rule) }
            // This pass keeps no logits, so it computes log-probabilities of the full distribution only.
            guard rule == DrawRule(temperature: rule.temperature) else {
                return try passages.map { try scored($0, rule) }
            }
            var result: [[Float]] = []
            var rest = passages[...]
            while !rest.isEmpty {
                var tokens = 0
                let part = rest.prefix { passage in
                    tokens += passage.prompt.count + passage.response.count
                    return tokens <= Self.passTokens
                }
                result += try inOnePass(part.isEmpty ? rest.prefix(1) : part, temperature: rule.temperature)
                rest = rest.dropFirst(max(1, part.count))
            }
            return result
        }
    }

    private func inOnePass(_ passages: ArraySlice<PromptedResponse>, temperature: Double) throws -> [[Float]]
    {
        let batch = try PackedBatch(passages)
        // A greedy choice is recorded with its log-probability at temperature 1.
        let temperature = temperature == 0 ? 1 : temperature
        var values = try model.logProbabilities(batch, temperature: temperature).floats()[...]
        return passages.map { passage in
            defer { values = values.dropFirst(passage.response.count) }
            return Array(values.prefix(passage.response.count))
        }
    }

    private func scored(_ passage: PromptedResponse, _ rule: DrawRule) throws -> [Float] {
        let batch = try PackedBatch([passage])
        let logits = try model.hiddenStates(batch.ids, batch.layout).rows(batch.predictors).linear(model.head)
        return try rule.score(
            passage.response, under: logits.floats(), vocabulary: model.configuration.vocabularySize)
    }
}
