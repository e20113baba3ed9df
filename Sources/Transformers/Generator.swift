package import Reinforcement
package import Torch

/// Generates with a copy of a policy's weights, laid out once for all batches of that version.
package final class Generator {
    private let decoder: BatchDecoder
    private let configuration: PolicyConfiguration

    /// - Parameter dtype: of products and cache, `float32` or `bfloat16`.
    package init(_ model: Policy, dtype: DType = .float32) throws {
        decoder = try model.batchDecoder(dtype)
        configuration = model.configuration
    }

    /// Samples responses to every prompt as one batch.
    ///
    /// A row's bits depend on nothing but its prompt and its numbers: not on the batch, on slots or on threads.
    ///
    /// - Parameters:
    ///   - samples: responses per prompt; the prompt is computed once for all of them.
    ///   - slots: most rows that are decoded at a time: when one ends, the next that waits takes its place. Nil for as many as
    ///     are fast.
    ///   - uniform: the random number in [0, 1) that decides a token, by (prompt, sample, position): the same numbers give the
    ///     same tokens.
    /// - Returns: for each prompt, its completions in the order of samples.
    package func generate(
        _ prompts: [[Int32]], samples: Int, _ sampling: Sampling, slots: Int? = nil,
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> [[Completion]] {
        var generation = Generation(prompts, samples: samples, sampling, slots: slots)
        _ = try advance(&generation, uniform: uniform)
        return generation.results
    }

    /// Goes on with a batch until all of it is done.
    ///
    /// What another policy has begun is read like a prompt, so every token is drawn from this policy's own view of all that
    /// stands before it: keys and values of the other are not kept.
    ///
    /// - Parameter isInterrupted: asked before each token but the first, so that every policy gets on; true ends this one's part.
    /// - Returns: whether all of it is done.
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
        /// Appends what was drawn; the rows that go on stay.
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

    /// A response and all that stands before it.
    package struct Passage: Sendable, Hashable {
        package let prompt, response: [Int32]

        package init(prompt: [Int32], response: [Int32]) {
            self.prompt = prompt
            self.response = response
        }
    }

    /// Log-probability of each token of each response, computed as when it was sampled, as many side by side as are fast.
    ///
    /// Of this model's samples on this processor these are the same bits.
    ///
    /// - Returns: [passages][tokens of the response]
    package func logProbabilities(of passages: [Passage], _ rule: DrawRule) throws -> [[Float]] {
        let rows = fastSlots(passages.map(\.response.count).max() ?? 1)
        return try stride(from: 0, to: passages.count, by: rows).flatMap { start in
            try scored(Array(passages[start..<min(start + rows, passages.count)]), rule)
        }
    }

    private func scored(_ passages: [Passage], _ rule: DrawRule) throws -> [[Float]] {
        let longest = passages.map(\.response.count).max() ?? 0
        var result = [[Float]](repeating: [], count: passages.count)
        guard longest > 0 else { return result }
        try decoder.begin(prompts: passages.map(\.prompt), slots: passages.count, capacity: longest)
        for slot in passages.indices { try decoder.place(prompt: slot, in: slot) }
        for place in 0..<longest {
            // Before the first token every row has its prompt's logits, the empty ones, too.
            let rows = passages.indices.filter { place == 0 || passages[$0].response.count > place }
            let tokens = rows.map { passages[$0].response.dropFirst(place).first ?? 0 }
            let scores = try decoder.score(tokens, rule, afterPrompt: place == 0)
            for (row, score) in zip(rows, scores) where passages[row].response.count > place {
                result[row].append(score)
            }
            let going = rows.filter { passages[$0].response.count > place + 1 }
            if !going.isEmpty {
                try decoder.step(tokens: going.map { passages[$0].response[place] }, slots: going)
            }
        }
        return result
    }

    /// As many rows as have their cache in a processor's; where the weights do not fit there either, so many that reading
    /// the cache costs no more than reading the weights.
    private func fastSlots(_ maxNewTokens: Int) -> Int {
        let c = configuration
        let row = maxNewTokens * c.layers * 2 * c.kvHeads * c.headWidth
        let matrices = (c.heads + c.kvHeads) * c.headWidth * 2 + 3 * c.ffn
        let weights = c.hidden * (c.vocabularySize + c.layers * matrices)
        return max(24, max(weights, 2 << 20) / max(1, row))
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

extension Policy {
    /// Samples responses with a generator for this call alone; whoever generates more than once keeps a `Generator`.
    package func generate(
        _ prompts: [[Int32]], samples: Int, _ sampling: Sampling, slots: Int? = nil,
        uniform: (_ prompt: Int, _ sample: Int, _ position: Int) -> Double
    ) throws -> [[Completion]] {
        try Generator(self).generate(prompts, samples: samples, sampling, slots: slots, uniform: uniform)
    }

    fileprivate func batchDecoder(_ dtype: DType) throws -> BatchDecoder {
        let c = configuration
        return try BatchDecoder(
            shape: .init(
                layers: c.layers, hidden: c.hidden, heads: c.heads, kvHeads: c.kvHeads,
                headWidth: c.headWidth, ffn: c.ffn, vocabulary: c.vocabularySize, rmsEpsilon: c.rmsEpsilon,
                rope: c.rope.positions(width: c.headWidth)),
            embedding: embedding, head: head, finalNorm: finalNorm, layers: layers.map(\.decoding),
            dtype: dtype)
    }
}
