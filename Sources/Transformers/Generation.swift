import Foundation
import Torch

/// One sampled response.
package struct Completion: Sendable, Hashable {
    /// [tokens], the token that ended it included.
    package let tokens: [Int32]
    /// Log-probability of each token under the distribution that it was sampled from, [tokens].
    package let logProbabilities: [Float]
    /// Whether the end token was sampled; otherwise the limit cut the response.
    package let ended: Bool
}

/// How next tokens are drawn.
package struct Sampling: Sendable {
    /// Divides the logits; 0 takes the likeliest token.
    package var temperature: Double
    /// Only these may be sampled; nil for all.
    package var allowed: [Int32]?
    package var maxNewTokens: Int
    /// Each of these ends a response; nil for the model's own.
    package var endTokens: Set<Int32>?

    package init(
        temperature: Double = 1, allowed: [Int32]? = nil, maxNewTokens: Int, endTokens: Set<Int32>? = nil
    ) {
        self.temperature = temperature
        self.allowed = allowed
        self.maxNewTokens = maxNewTokens
        self.endTokens = endTokens
    }
}

extension Policy {
    /// Samples responses to every prompt as one batch.
    ///
    /// - Parameters:
    ///   - samples: responses per prompt; the prompt is computed once for all of them.
    ///   - uniform: the random number in [0, 1) that decides a token, by (prompt, sample, position): the same numbers give the
    ///     same tokens.
    /// - Returns: for each prompt, its completions in the order of samples.
    package func generate(
        _ prompts: [[Int32]], samples: Int, _ sampling: Sampling,
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> [[Completion]] {
        guard !prompts.isEmpty, samples > 0, sampling.maxNewTokens > 0 else { return prompts.map { _ in [] } }
        try checkRoom(prompts, sampling.maxNewTokens)
        let decoder = try batchDecoder()
        let endTokens = sampling.endTokens ?? configuration.endTokens
        let vocabulary = configuration.vocabularySize
        let sampler = TokenSampler(sampling, vocabulary: vocabulary)
        let rows = prompts.count * samples
        var tokens = [[Int32]](repeating: [], count: rows)
        var logProbabilities = [[Float]](repeating: [], count: rows)
        var ended = [Bool](repeating: false, count: rows)

        func draw(_ row: Int, from logits: UnsafeBufferPointer<Float>) -> Bool {
            let number = uniform(row / samples, row % samples, tokens[row].count)
            let (token, logProbability) = sampler.draw(logits, number)
            tokens[row].append(token)
            logProbabilities[row].append(logProbability)
            ended[row] = endTokens.contains(token)
            return !ended[row] && tokens[row].count < sampling.maxNewTokens
        }

        var active = try decoder.begin(
            prompts: prompts, promptOfRow: (0..<rows).map { $0 / samples }, capacity: sampling.maxNewTokens
        ) { logits in
            (0..<rows).filter { row in
                draw(
                    row,
                    from: UnsafeBufferPointer(
                        rebasing: logits[(row / samples * vocabulary)...].prefix(vocabulary)))
            }
        }
        while !active.isEmpty {
            active = try decoder.step(tokens: active.map { tokens[$0][tokens[$0].count - 1] }, rows: active) {
                logits in
                active.indices.compactMap { place in
                    let part = UnsafeBufferPointer(
                        rebasing: logits[(place * vocabulary)...].prefix(vocabulary))
                    return draw(active[place], from: part) ? active[place] : nil
                }
            }
        }
        return prompts.indices.map { prompt in
            (prompt * samples..<(prompt + 1) * samples).map {
                Completion(tokens: tokens[$0], logProbabilities: logProbabilities[$0], ended: ended[$0])
            }
        }
    }

    private func batchDecoder() throws -> BatchDecoder {
        let c = configuration
        return try BatchDecoder(
            shape: .init(
                layers: c.layers, hidden: c.hidden, heads: c.heads, kvHeads: c.kvHeads,
                headWidth: c.headWidth, ffn: c.ffn, vocabulary: c.vocabularySize, rmsEpsilon: c.rmsEpsilon,
                rope: c.rope.positions(width: c.headWidth)),
            embedding: embedding, head: head, finalNorm: finalNorm, layers: layers.map(\.decoding))
    }

    /// - Throws: `ModelError` when a prompt and its response have no room.
    private func checkRoom(_ prompts: [[Int32]], _ maxNewTokens: Int) throws {
        let longest = prompts.map(\.count).max() ?? 0
        guard longest + maxNewTokens <= configuration.maximumPositions else {
            throw ModelError(
                path: "max_position_embeddings",
                "is \(configuration.maximumPositions), a prompt of \(longest) tokens with \(maxNewTokens) new ones is longer; "
                    + "ask for fewer new tokens, or shorten the prompt")
        }
    }
}

/// Draws a token from logits by inverting the cumulative distribution.
struct TokenSampler {
    let scale: Float
    let greedy: Bool
    let candidates: [Int32]?

    init(_ sampling: Sampling, vocabulary: Int) {
        greedy = sampling.temperature == 0
        scale = greedy ? 1 : Float(1 / sampling.temperature)
        candidates = sampling.allowed?.filter { $0 >= 0 && Int($0) < vocabulary }.sorted()
    }

    /// The token at which the cumulative probability passes `uniform`, and its log-probability.
    func draw(_ logits: UnsafeBufferPointer<Float>, _ uniform: Double) -> (
        token: Int32, logProbability: Float
    ) {
        let count = candidates?.count ?? logits.count
        func id(_ place: Int) -> Int { candidates.map { Int($0[place]) } ?? place }
        var best = 0
        for place in 0..<count where logits[id(place)] > logits[id(best)] { best = place }
        let top = logits[id(best)] * scale
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { weights in
            var total: Double = 0
            for place in 0..<count {
                let weight = exp(logits[id(place)] * scale - top)
                weights[place] = weight
                total += Double(weight)
            }
            var chosen = best
            if !greedy {
                var remaining = uniform * total
                chosen = count - 1
                for place in 0..<count {
                    remaining -= Double(weights[place])
                    if remaining < 0 {
                        chosen = place
                        break
                    }
                }
                // Rounding may leave the walk at a token of weight 0 at the very end: the likeliest is then as good.
                if weights[chosen] == 0 { chosen = best }
            }
            return (Int32(id(chosen)), logits[id(chosen)] * scale - top - Float(log(total)))
        }
    }
}
