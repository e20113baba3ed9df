package import Torch

/// Responses to prompts, laid end to end with each prompt once, and the tokens whose probability is asked.
///
///     try PackedBatch([.init(prompt: [5, 6], responses: [[7, 1], [8, 9, 1]])])   // 2 + 1 + 2 tokens, 5 targets
package struct PackedBatch {
    /// Responses that share a prompt.
    package struct Group: Sendable, Hashable {
        package let prompt: [Int32]
        package let responses: [[Int32]]

        package init(prompt: [Int32], responses: [[Int32]]) {
            self.prompt = prompt
            self.responses = responses
        }
    }

    /// [tokens]; a response's last token predicts nothing and is left out.
    package let ids: Tensor
    package let layout: PackedLayout
    /// For each response token in order, the place of the token that predicts it, [targets].
    package let predictors: Tensor
    /// Response tokens in order of groups and responses, [targets].
    package let targets: Tensor

    package init(_ groups: [Group]) throws {
        var ids: [Int64] = []
        var predictors: [Int64] = []
        var targets: [Int64] = []
        var segments: [PackedLayout.Segment] = []
        for group in groups {
            let prefix = segments.count
            segments.append(.init(start: ids.count, length: group.prompt.count))
            ids.append(contentsOf: group.prompt.map(Int64.init))
            let last = Int64(ids.count - 1)
            for response in group.responses where !response.isEmpty {
                targets.append(contentsOf: response.map(Int64.init))
                predictors.append(last)
                guard response.count > 1 else { continue }
                let start = ids.count
                segments.append(.init(start: start, length: response.count - 1, prefix: prefix))
                ids.append(contentsOf: response.dropLast().map(Int64.init))
                predictors.append(contentsOf: (start..<ids.count).map(Int64.init))
            }
        }
        self.ids = try Tensor(ids, shape: [ids.count])
        self.predictors = try Tensor(predictors, shape: [predictors.count])
        self.targets = try Tensor(targets, shape: [targets.count])
        layout = PackedLayout(segments)
    }
}

extension Policy {
    /// Log-probability of every response token of the batch, [targets], float32; has a gradient when recording.
    ///
    /// - Parameter temperature: divides the logits, as it did when the tokens were sampled.
    package func logProbabilities(_ batch: PackedBatch, temperature: Double = 1) throws -> Tensor {
        try logProbabilities(batch, states: hiddenStates(batch.ids, batch.layout), temperature: temperature)
    }

    /// The same from normalised hidden states, [tokens, hidden].
    package func logProbabilities(_ batch: PackedBatch, states: Tensor, temperature: Double) throws -> Tensor
    {
        let predicting = try states.rows(batch.predictors)
        return try (temperature == 1 ? predicting : predicting * (1 / temperature))
            .tokenLogProbabilities(head: head, targets: batch.targets)
    }

    /// Log-probability of each token after the first, given those before it: one fewer than ids.
    package func logProbabilities(of ids: [Int32]) throws -> [Float] {
        guard ids.count > 1, let first = ids.first else { return [] }
        return try withoutGradients {
            let batch = try PackedBatch([.init(prompt: [first], responses: [Array(ids.dropFirst())])])
            return try logProbabilities(batch).floats()
        }
    }
}
