import CTorchAPI

/// A token that was drawn, with its log-probability (natural log) under the distribution that it was drawn from.
package struct Draw: Sendable, Hashable {
    package let token: Int32
    package let logProbability: Float
}

/// The distribution that a token is drawn from.
///
/// Each field restricts what the one before it leaves.
package struct DrawRule: Sendable, Hashable {
    /// Divides the logits; 0 takes the likeliest token.
    ///
    /// Not negative.
    package var temperature: Double
    /// Only these tokens; nil for all.
    package var allowed: [Int32]?
    /// Only this many of the likeliest; nil for all.
    package var topK: Int?
    /// Only the fewest, likeliest first, whose probabilities add up to this, in (0, 1]; 1 for all.
    package var topP: Double

    package init(temperature: Double = 1, allowed: [Int32]? = nil, topK: Int? = nil, topP: Double = 1) {
        self.temperature = temperature
        self.allowed = allowed.map { Set($0).sorted() }
        self.topK = topK
        self.topP = topP
    }

    /// Draws tokens from rows of logits by inverting each row's cumulative distribution.
    ///
    /// - Parameters:
    ///   - logits: [rows, vocabulary].
    ///   - places: the row that each number draws from; a row may stand there more than once.
    ///   - uniforms: numbers in [0, 1), one for each place.
    /// - Throws: `TorchError` when a row's logits are not finite, or when the rule leaves no distribution.
    package func draw(from logits: [Float], vocabulary: Int, places: [Int], uniforms: [Double])
        throws(TorchError)
        -> [Draw]
    {
        guard places.count == uniforms.count,
            places.allSatisfy({ $0 >= 0 && ($0 + 1) * vocabulary <= logits.count })
        else {
            throw TorchError(
                operation: "draw_tokens",
                message: "\(uniforms.count) numbers for rows \(places) of \(logits.count) logits")
        }
        let api = try TorchLibrary.api()
        var tokens = [Int32](repeating: 0, count: places.count)
        var logProbabilities = [Float](repeating: 0, count: places.count)
        let places = places.map(Int64.init)
        try withRaw { raw throws(TorchError) in
            try TorchLibrary.check("draw_tokens") {
                api.pointee.draw_tokens(
                    logits, Int64(vocabulary), &raw, places, uniforms, Int64(places.count), &tokens,
                    &logProbabilities, $0)
            }
        }
        return zip(tokens, logProbabilities).map { Draw(token: $0, logProbability: $1) }
    }

    /// Log-probability of each row's token under that row's distribution; −∞ for a token that cannot be drawn.
    ///
    /// - Parameter logits: [tokens, vocabulary].
    package func score(_ tokens: [Int32], under logits: [Float], vocabulary: Int) throws(TorchError)
        -> [Float]
    {
        guard tokens.count * vocabulary <= logits.count else {
            throw TorchError(
                operation: "score_tokens", message: "\(tokens.count) tokens for \(logits.count) logits")
        }
        let api = try TorchLibrary.api()
        var logProbabilities = [Float](repeating: 0, count: tokens.count)
        try withRaw { raw throws(TorchError) in
            try TorchLibrary.check("score_tokens") {
                api.pointee.score_tokens(
                    logits, Int64(vocabulary), &raw, tokens, Int64(tokens.count), &logProbabilities, $0)
            }
        }
        return logProbabilities
    }

    private func withRaw(_ body: (inout pt_sampling) throws(TorchError) -> Void) throws(TorchError) {
        let outcome = (allowed ?? []).withUnsafeBufferPointer { allowed -> Result<Void, TorchError> in
            var raw = pt_sampling(
                temperature: temperature, top_p: topP, top_k: Int64(topK ?? 0), allowed: allowed.baseAddress,
                allowed_count: Int64(allowed.count))
            return Result { () throws(TorchError) in try body(&raw) }
        }
        try outcome.get()
    }
}
