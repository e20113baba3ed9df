package import Torch
package import Transformers

/// Computes the log-probabilities that a trace's tokens were sampled with, by one version of the policy.
package struct TraceAudit {
    private let model: Policy
    /// Set when rollouts compute in bfloat16, whose rounding only the same arithmetic repeats.
    private let generator: Generator?

    /// - Parameter dtype: precision of the rollouts.
    package init(_ model: Policy, dtype: DType = .float32) throws {
        self.model = model
        generator = dtype == .float32 ? nil : try Generator(model, dtype: dtype)
    }

    /// Log-probability of each token of a response, [tokens], natural log: in one pass over the whole trace, or, in bfloat16, token
    /// by token as a worker does.
    package func logProbabilities(of response: [Int32], after prompt: [Int32], _ rule: DrawRule) throws
        -> [Float]
    {
        try withoutGradients {
            if let generator { return try generator.logProbabilities(of: response, after: prompt, rule) }
            let batch = try PackedBatch([.init(prompt: prompt, responses: [response])])
            if rule == DrawRule(temperature: rule.temperature) {
                return try model.logProbabilities(batch, temperature: rule.temperature).floats()
            }
            let logits = try model.hiddenStates(batch.ids, batch.layout).rows(batch.predictors).linear(
                model.head)
            return try rule.score(
                response, under: logits.floats(), vocabulary: model.configuration.vocabularySize)
        }
    }
}
