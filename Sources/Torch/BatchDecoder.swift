import CTorchAPI

/// Decodes a batch of rows token by token on the CPU: prompts are read once, each slot then continues one of them.
///
/// A slot is a row's place in the cache. Rows that have ended are left out of the next step, and another row may be placed in
/// their slot; nothing is moved. A row's bits depend on nothing but the row: not on what is decoded beside it, and not on threads.
package final class BatchDecoder {
    /// Sizes of the decoder, in elements.
    package struct Shape: Sendable, Equatable {
        package var layers: Int
        package var hidden: Int
        package var heads: Int
        package var kvHeads: Int
        package var headWidth: Int
        package var ffn: Int
        package var vocabulary: Int
        package var rmsEpsilon: Double
        package var rope: RotaryPositions

        package init(
            layers: Int, hidden: Int, heads: Int, kvHeads: Int, headWidth: Int, ffn: Int, vocabulary: Int,
            rmsEpsilon: Double, rope: RotaryPositions
        ) {
            self.layers = layers
            self.hidden = hidden
            self.heads = heads
            self.kvHeads = kvHeads
            self.headWidth = headWidth
            self.ffn = ffn
            self.vocabulary = vocabulary
            self.rmsEpsilon = rmsEpsilon
            self.rope = rope
        }
    }

    /// One layer's weights; `qkv` stacks query, key and value, `gateUp` stacks gate and up.
    package struct Layer {
        package let attentionNorm, qkv: Tensor
        package let qkvBias: Tensor?
        /// Weights of the norms of each query and key head, [headWidth]; both or none.
        package let queryNorm, keyNorm: Tensor?
        package let output, mlpNorm, gateUp, down: Tensor

        package init(
            attentionNorm: Tensor, qkv: Tensor, qkvBias: Tensor? = nil, queryNorm: Tensor? = nil,
            keyNorm: Tensor? = nil, output: Tensor, mlpNorm: Tensor, gateUp: Tensor, down: Tensor
        ) {
            self.attentionNorm = attentionNorm
            self.qkv = qkv
            self.qkvBias = qkvBias
            self.queryNorm = queryNorm
            self.keyNorm = keyNorm
            self.output = output
            self.mlpNorm = mlpNorm
            self.gateUp = gateUp
            self.down = down
        }
    }

    package let shape: Shape
    private let handle: OpaquePointer
    /// Next-token logits of each prompt, [prompts, vocabulary].
    package private(set) var promptLogits: [Float] = []
    /// Room for the next-token logits of each slot; the first [rows, vocabulary] are those of the last step.
    package private(set) var logits: [Float] = []

    /// Copies the matrices into the layout and precision of its products; norms and embedding are float32 and stay the caller's.
    ///
    /// - Parameter dtype: of products and of the cache, `float32` or `bfloat16`; sums are float32 in both.
    package init(
        shape: Shape, embedding: Tensor, head: Tensor, finalNorm: Tensor, layers: [Layer],
        dtype: DType = .float32
    ) throws(TorchError) {
        let api = try TorchLibrary.api()
        guard layers.count == shape.layers else {
            throw TorchError(
                operation: "decoder", message: "\(layers.count) layers given, shape says \(shape.layers)")
        }
        let raw = layers.map {
            pt_decoder_layer(
                attention_norm: $0.attentionNorm.handle, qkv: $0.qkv.handle, qkv_bias: $0.qkvBias?.handle,
                query_norm: $0.queryNorm?.handle, key_norm: $0.keyNorm?.handle,
                output: $0.output.handle, mlp_norm: $0.mlpNorm.handle, gate_up: $0.gateUp.handle,
                down: $0.down.handle)
        }
        handle = try shape.rope.withRaw { (rope: inout pt_rope) throws(TorchError) in
            var sizes = pt_decoder_shape(
                layers: Int64(shape.layers), hidden: Int64(shape.hidden), heads: Int64(shape.heads),
                kv_heads: Int64(shape.kvHeads), head_width: Int64(shape.headWidth), ffn: Int64(shape.ffn),
                vocabulary: Int64(shape.vocabulary), rms_epsilon: shape.rmsEpsilon, rope: rope)
            return try Tensor.result("decoder_create", [embedding, head, finalNorm]) { out, error in
                api.pointee.decoder_create(
                    &sizes, embedding.handle, head.handle, finalNorm.handle, raw, dtype.rawValue, out, error)
            }
        }
        self.shape = shape
    }

    deinit {
        if case .success(let api) = Result(catching: { () throws(TorchError) in try TorchLibrary.api() }) {
            api.pointee.decoder_release(handle)
        }
    }

    /// Reads the prompts and makes room for rows.
    ///
    /// - Parameters:
    ///   - prompts: token ids of each prompt.
    ///   - slots: most rows at a time.
    ///   - capacity: most new tokens a row may get.
    package func begin(prompts: [[Int32]], slots: Int, capacity: Int) throws(TorchError) {
        let api = try TorchLibrary.api()
        var offsets: [Int64] = [0]
        for prompt in prompts { offsets.append((offsets.last ?? 0) + Int64(prompt.count)) }
        promptLogits = [Float](repeating: 0, count: prompts.count * shape.vocabulary)
        logits = [Float](repeating: 0, count: slots * shape.vocabulary)
        try TorchLibrary.check("decoder_begin") {
            api.pointee.decoder_begin(
                handle, prompts.flatMap { $0 }, offsets, Int64(prompts.count), Int64(slots), Int64(capacity),
                &promptLogits, $0)
        }
    }

    /// Puts a row that continues a prompt in a slot, in the place of whatever was there.
    package func place(prompt: Int, in slot: Int) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("decoder_place") {
            api.pointee.decoder_place(handle, Int64(slot), Int64(prompt), $0)
        }
    }

    /// Appends one token to the row in each of the given slots, in ascending order; `logits` are then theirs.
    package func step(tokens: [Int32], slots: [Int]) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("decoder_step") {
            api.pointee.decoder_step(
                handle, tokens, slots.map(Int64.init), Int64(slots.count), &logits, $0)
        }
    }

    /// Log-probabilities of tokens that continue the rows of the last step or, before any step, the prompts, in order.
    package func score(_ tokens: [Int32], _ rule: DrawRule, afterPrompt: Bool) throws(TorchError) -> [Float] {
        try rule.score(tokens, under: afterPrompt ? promptLogits : logits, vocabulary: shape.vocabulary)
    }

    /// Draws the first token of rows that continue these prompts, one a number.
    package func drawFirst(after prompts: [Int], _ rule: DrawRule, uniforms: [Double]) throws(TorchError)
        -> [Draw]
    {
        try rule.draw(from: promptLogits, vocabulary: shape.vocabulary, places: prompts, uniforms: uniforms)
    }

    /// Draws the next token of each row of the last step, one a number.
    package func draw(_ rule: DrawRule, uniforms: [Double]) throws(TorchError) -> [Draw] {
        try rule.draw(
            from: logits, vocabulary: shape.vocabulary, places: Array(uniforms.indices), uniforms: uniforms)
    }
}
