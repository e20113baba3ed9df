package import Torch

/// Responses after their prompts, packed end to end, and the tokens whose log-probability is wanted.
///
///     try PackedBatch([.init(prompt: [5, 6], response: [7, 1]), .init(prompt: [5, 6], response: [8, 9, 1])])
///     // the prompt stands once: 2 + 1 + 2 tokens, 5 targets
package struct PackedBatch {
    /// Token ids, [tokens], int64.
    ///
    /// Tokens after the last predictor of a response are left out.
    package let ids: Tensor
    package let layout: PackedLayout
    /// For each target, the index of the token that predicts it, [targets], int64.
    package let predictors: Tensor
    /// The response tokens whose log-probability is wanted, row by row, [targets], int64.
    package let targets: Tensor

    /// - Parameter sharingPrompts: whether neighbouring rows with equal prompts share one copy of the prompt.
    package init(_ rows: some Sequence<PromptedResponse>, sharingPrompts: Bool = true) throws {
        var ids: [Int64] = []
        var predictors: [Int64] = []
        var targets: [Int64] = []
        var segments: [PackedLayout.Segment] = []
        var prompt: (ids: [Int32], segment: Int, last: Int64)?
        for row in rows {
            let shared = sharingPrompts && prompt?.ids == row.prompt ? prompt : nil
            if shared == nil {
                segments.append(.init(start: ids.count, length: row.prompt.count))
                ids.append(contentsOf: row.prompt.map(Int64.init))
            }
            let current = shared ?? (row.prompt, segments.count - 1, Int64(ids.count - 1))
            prompt = current
            let start = ids.count
            for place in row.targets.joined() {
                targets.append(Int64(row.response[place]))
                predictors.append(place == 0 ? current.last : Int64(start + place - 1))
            }
            let context = row.response.prefix(max(0, (row.targets.last?.upperBound ?? 0) - 1))
            guard !context.isEmpty else { continue }
            segments.append(.init(start: start, length: context.count, prefix: current.segment))
            ids.append(contentsOf: context.map(Int64.init))
        }
        self.ids = try Tensor(ids, shape: [ids.count])
        self.predictors = try Tensor(predictors, shape: [predictors.count])
        self.targets = try Tensor(targets, shape: [targets.count])
        layout = PackedLayout(segments)
    }
}

extension Policy {
    /// Log-probability (natural log) of every target of the batch, [targets], float32; has a gradient while
    /// gradients are recorded.
    ///
    /// - Parameter temperature: divides the logits, as during sampling.
    package func logProbabilities(_ batch: PackedBatch, temperature: Double = 1) throws -> Tensor {
        try logProbabilities(batch, states: hiddenStates(batch.ids, batch.layout), temperature: temperature)
    }

    /// Computes the same from normalised hidden states, [tokens, hidden].
    package func logProbabilities(_ batch: PackedBatch, states: Tensor, temperature: Double) throws -> Tensor
    {
        let predicting = try states.rows(batch.predictors)
        return try (temperature == 1 ? predicting : predicting * (1 / temperature))
            .tokenLogProbabilities(head: head, targets: batch.targets)
    }

    /// Log-probability (natural log) of each token after the first, given the tokens before it, [ids − 1].
    package func logProbabilities(of ids: [Int32]) throws -> [Float] {
        guard ids.count > 1, let first = ids.first else { return [] }
        return try withoutGradients {
            let row = PromptedResponse(prompt: [first], response: Array(ids.dropFirst()))
            return try logProbabilities(PackedBatch([row])).floats()
        }
    }
}
