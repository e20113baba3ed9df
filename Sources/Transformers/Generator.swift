package import Reinforcement
package import Torch

/// Generates responses with a copy of a policy's weights, which all batches of that version share.
package final class Generator {
    private let decoder: any BatchDecoder
    private let configuration: PolicyConfiguration

    /// - Parameter dtype: type of products and cache, `float32` or `bfloat16`.
    package init(_ model: Policy, dtype: DType = .float32) throws {
        decoder = try model.batchDecoder(dtype)
        configuration = model.configuration
    }

    /// Samples responses to every prompt as one batch.
    ///
    /// A row's bits depend only on its prompt and its random numbers, not on the batch, the slots or the
    /// threads.
    ///
    /// - Parameters:
    ///   - samples: responses per prompt; the prompt is computed once for all of them.
    ///   - slots: the maximum number of rows decoded at a time; when a row ends, the next one takes its
    ///     place. Nil for the fastest number.
    ///   - uniform: the random number in [0, 1) that decides a token, by (prompt, sample, position); the same
    ///     numbers give the same tokens.
    /// - Returns: for each prompt, its completions in the order of samples.
    package func generate(
        _ prompts: [[Int32]], samples: Int, _ sampling: Sampling, slots: Int? = nil,
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> [[Completion]] {
        var generation = Generation(prompts, samples: samples, sampling, slots: slots)
        _ = try advance(&generation, uniform: uniform)
        return generation.results
    }

    /// Continues a batch until it is finished or interrupted.
    ///
    /// A response that another policy began is read like a prompt. So every token is drawn from this policy's
    /// own view of the tokens before it; the other policy's keys and values are not used.
    ///
    /// - Parameter isInterrupted: asked before each token but the first, so that every policy makes progress;
    ///   true ends this policy's part.
    /// - Returns: whether every response is finished.
    /// - Throws: `ModelError` when a prompt and its response exceed the model's positions; `TorchError`.
    package func advance(
        _ generation: inout Generation, isInterrupted: () -> Bool = { false },
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> Bool {
        let sampling = generation.sampling
        guard !generation.isDone else { return true }
        try checkRoom(generation.prompts, sampling.maxNewTokens)
        let endTokens = sampling.endTokens ?? configuration.endTokens
        let (contexts, places) = generation.contexts
        var waiting = places[...]
        let slots = max(
            1, min(generation.slots ?? fastSlots(sampling.maxNewTokens), waiting.count))
        var free = Array((0..<slots).reversed())
        var active: [(slot: Int, row: Int)] = []
        func number(_ row: Int) -> Double {
            let (prompt, sample) = row.quotientAndRemainder(dividingBy: generation.samples)
            return uniform(prompt, sample, generation.completions[row].tokens.count)
        }
        /// Appends the drawn tokens and frees the slots of rows that have ended; returns the rows that continue.
        func take(_ draws: [Draw], for places: [(slot: Int, row: Int)]) -> [(slot: Int, row: Int)] {
            for (draw, place) in zip(draws, places) {
                generation.completions[place.row].append(draw, endTokens: endTokens)
            }
            let going = places.filter { generation.isOpen($0.row) }
            let left = Set(going.map(\.slot))
            free += places.map(\.slot).filter { !left.contains($0) }
            return going
        }

        try decoder.begin(prompts: contexts, slots: slots, capacity: generation.capacity)
        while true {
            while !waiting.isEmpty, !free.isEmpty {
                let entering = free.sorted().prefix(waiting.count).map {
                    (slot: $0, place: waiting.removeFirst())
                }
                free.removeAll { slot in entering.contains { $0.slot == slot } }
                for (slot, place) in entering { try decoder.place(prompt: place.context, in: slot) }
                let draws = try decoder.drawFirst(
                    after: entering.map(\.place.context), sampling.rule,
                    uniforms: entering.map { number($0.place.row) })
                active += take(draws, for: entering.map { ($0.slot, $0.place.row) })
                active.sort { $0.slot < $1.slot }
            }
            if active.isEmpty || isInterrupted() { return generation.isDone }
            try decoder.step(
                tokens: active.compactMap { generation.completions[$0.row].tokens.last },
                slots: active.map(\.slot))
            active = take(
                try decoder.draw(sampling.rule, uniforms: active.map { number($0.row) }), for: active)
        }
    }

    /// Log-probability (natural log) of each token of each whole response, computed as it was during
    /// sampling.
    ///
    /// For this model's samples on this processor, the results have the same bits.
    ///
    /// - Returns: [rows][tokens of the response]
    package func logProbabilities(of rows: [PromptedResponse], _ rule: DrawRule) throws -> [[Float]] {
        let slots = fastSlots(rows.map(\.response.count).max() ?? 1)
        return try stride(from: 0, to: rows.count, by: slots).flatMap { start in
            try scored(Array(rows[start..<min(start + slots, rows.count)]), rule)
        }
    }

    /// Computes the same for rows that are decoded side by side, one per slot.
    private func scored(_ rows: [PromptedResponse], _ rule: DrawRule) throws -> [[Float]] {
        let longest = rows.map(\.response.count).max() ?? 0
        var result = [[Float]](repeating: [], count: rows.count)
        guard longest > 0 else { return result }
        try decoder.begin(prompts: rows.map(\.prompt), slots: rows.count, capacity: longest)
        for slot in rows.indices { try decoder.place(prompt: slot, in: slot) }
        for place in 0..<longest {
            // Before the first token, every row has its prompt's logits, even a row with an empty response.
            let scored = rows.indices.filter { place == 0 || rows[$0].response.count > place }
            let tokens = scored.map { rows[$0].response.dropFirst(place).first ?? 0 }
            let scores = try decoder.score(tokens, rule, afterPrompt: place == 0)
            for (row, score) in zip(scored, scores) where rows[row].response.count > place {
                result[row].append(score)
            }
            let going = scored.filter { rows[$0].response.count > place + 1 }
            if !going.isEmpty {
                try decoder.step(tokens: going.map { rows[$0].response[place] }, slots: going)
            }
        }
        return result
    }

    /// The number of rows to decode at a time: the number whose keys and values fit the processor's cache.
    ///
    /// When the weights do not fit the cache either, more rows are faster, up to the number whose keys and
    /// values are as large as the weights.
    private func fastSlots(_ maxNewTokens: Int) -> Int {
        let c = configuration
        let row = maxNewTokens * c.layers * 2 * c.kvHeads * c.headWidth
        let matrices = (c.heads + c.kvHeads) * c.headWidth * 2 + 3 * c.ffn
        let weights = c.hidden * (c.vocabularySize + c.layers * matrices)
        return max(24, max(weights, 2 << 20) / max(1, row))
    }

    /// - Throws: `ModelError` when a prompt and its response exceed the model's positions.
    private func checkRoom(_ prompts: [[Int32]], _ maxNewTokens: Int) throws {
        let longest = prompts.map(\.count).max() ?? 0
        guard longest + maxNewTokens <= configuration.maximumPositions else {
            throw ModelError(
                path: "max_position_embeddings",
                "is \(configuration.maximumPositions), but a prompt of \(longest) tokens with \(maxNewTokens) new ones is longer; "
                    + "ask for fewer new tokens, or shorten the prompt")
        }
    }
}
