import Foundation
import Torch
package import Transformers

/// Computes the log-probabilities that a trace's tokens were sampled with, in one pass over the whole trace.
package struct TraceAudit {
    let sampling: Sampling

    package init(_ sampling: Sampling) { self.sampling = sampling }

    /// Log-probability of each token of a response, [tokens], natural log.
    package func logProbabilities(of response: [Int32], after prompt: [Int32], by model: Policy) throws
        -> [Float]
    {
        let batch = try PackedBatch([.init(prompt: prompt, responses: [response])])
        return try withoutGradients {
            if sampling.allowed == nil, sampling.temperature == 1 {
                return try model.logProbabilities(batch).floats()
            }
            let logits = try model.hiddenStates(batch.ids, batch.layout).rows(batch.predictors)
                .linear(model.head).floats()
            let size = model.configuration.vocabularySize
            return response.indices.map { index in
                normalised(logits[index * size..<(index + 1) * size], token: response[index])
            }
        }
    }

    /// Of the distribution that temperature and allowed tokens leave.
    private func normalised(_ logits: ArraySlice<Float>, token: Int32) -> Float {
        let scale = Float(1 / sampling.temperature)
        let candidates = sampling.allowed.map { $0.map(Int.init) } ?? Array(0..<logits.count)
        let values = candidates.map { logits[logits.startIndex + $0] * scale }
        guard let top = values.max(), candidates.contains(Int(token)) else { return -.infinity }
        let total = values.reduce(0.0) { $0 + Double(exp($1 - top)) }
        return logits[logits.startIndex + Int(token)] * scale - top - Float(log(total))
    }
}
