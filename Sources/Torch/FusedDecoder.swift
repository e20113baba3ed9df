import CTorchAPI

/// Decodes a batch of rows token by token on the CPU, with fused kernels: prompts are read once, then each slot
/// continues one of them.
///
/// A slot is a row's place in the cache. Rows that have ended are left out of the next step, and another row may be
/// placed in their slot; nothing is moved. A row's bits depend on nothing but the row: not on the rows beside it, and
/// not on the number of threads.
package final class FusedDecoder {
    package let shape: DecoderShape
    private let handle: OpaquePointer
    /// Next-token logits of each prompt, [prompts, vocabulary].
    package private(set) var promptLogits: [Float] = []
    /// [slots, vocabulary]; the first rows are the next-token logits of the last step's rows, in order.
    package private(set) var logits: [Float] = []

    /// Copies the matrices into the layout and precision of the products; norms and embedding share memory with the
    /// given tensors.
    ///
    /// - Parameter dtype: of products and of the cache, `float32` or `bfloat16`; sums are float32 in both.
    /// - Throws: `TorchError` when a weight is not float32 on the CPU, or does not have the shape that `shape` says.
    package init(
        shape: DecoderShape, embedding: Tensor, head: Tensor, finalNorm: Tensor, layers: [DecoderLayer],
        dtype: DType = .float32
    ) throws(TorchError) {
        let api = try TorchLibrary.api()
        guard layers.count == shape.layers else {
            throw TorchError(
                operation: "decoder", message: "\(layers.count) layers given, shape says \(shape.layers)")
        }
        guard layers.allSatisfy({ $0.output.bias == nil && $0.gateUp.bias == nil && $0.down.bias == nil })
        else {
            throw TorchError(
                operation: "decoder", message: "a bias is possible for the projection qkv only")
        }
        let raw = layers.map {
            pt_decoder_layer(
                attention_norm: $0.attentionNorm.handle, qkv: $0.qkv.weight.handle,
                qkv_bias: $0.qkv.bias?.handle, query_norm: $0.queryNorm?.handle,
                key_norm: $0.keyNorm?.handle, output: $0.output.weight.handle, mlp_norm: $0.mlpNorm.handle,
                gate_up: $0.gateUp.weight.handle, down: $0.down.weight.handle)
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

    /// Reads the prompts and makes room for rows; everything that was decoded before is forgotten.
    ///
    /// - Parameters:
    ///   - prompts: token ids of each prompt, none empty.
    ///   - slots: the largest number of rows at a time.
    ///   - capacity: the largest number of new tokens of a row.
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

    /// Places a row that continues a prompt in a slot, and forgets the row that was there.
    package func place(prompt: Int, in slot: Int) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("decoder_place") {
            api.pointee.decoder_place(handle, Int64(slot), Int64(prompt), $0)
        }
    }

    /// Appends one token to the row in each of the given slots, which are in ascending order; `logits` then belong to
    /// these rows.
    package func step(tokens: [Int32], slots: [Int]) throws(TorchError) {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("decoder_step") {
            api.pointee.decoder_step(
                handle, tokens, slots.map(Int64.init), Int64(slots.count), &logits, $0)
        }
    }

    /// Log-probabilities of tokens that continue the rows of the last step, in order, or the prompts.
    package func score(_ tokens: [Int32], _ rule: DrawRule, afterPrompt: Bool) throws(TorchError) -> [Float] {
        try rule.score(tokens, under: afterPrompt ? promptLogits : logits, vocabulary: shape.vocabulary)
    }

    /// Draws the first token of rows that continue these prompts, one for each number.
    package func drawFirst(after prompts: [Int], _ rule: DrawRule, uniforms: [Double]) throws(TorchError)
        -> [Draw]
    {
        try rule.draw(from: promptLogits, vocabulary: shape.vocabulary, places: prompts, uniforms: uniforms)
    }

    /// Draws the next token of each row of the last step, one for each number.
    package func draw(_ rule: DrawRule, uniforms: [Double]) throws(TorchError) -> [Draw] {
        try rule.draw(
            from: logits, vocabulary: shape.vocabulary, places: Array(uniforms.indices), uniforms: uniforms)
    }
}
