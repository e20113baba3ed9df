import CTorchAPI

/// Decodes a batch of rows token by token on the CPU: prompts are read once, each row then continues one of them.
///
/// The caller samples. Rows that have ended are left out of the next step; nothing is moved in the cache.
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
    /// Next-token logits of the last call, [rows, vocabulary]: the only copy.
    private var logits: [Float] = []

    /// Takes the weights by reference: they must not change while the decoder is in use.
    package init(shape: Shape, embedding: Tensor, head: Tensor, finalNorm: Tensor, layers: [Layer])
        throws(TorchError)
    {
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
                    &sizes, embedding.handle, head.handle, finalNorm.handle, raw, out, error)
            }
        }
        self.shape = shape
    }

    deinit {
        if case .success(let api) = Result(catching: { () throws(TorchError) in try TorchLibrary.api() }) {
            api.pointee.decoder_release(handle)
        }
    }

    /// Reads the prompts and makes room for the rows.
    ///
    /// - Parameters:
    ///   - prompts: token ids of each prompt.
    ///   - promptOfRow: which prompt each row continues.
    ///   - capacity: most new tokens a row may get.
    ///   - body: gets each prompt's next-token logits, [prompts, vocabulary], which are overwritten by the next step.
    package func begin<Result>(
        prompts: [[Int32]], promptOfRow: [Int], capacity: Int,
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        let api = try TorchLibrary.api()
        var offsets: [Int64] = [0]
        for prompt in prompts { offsets.append((offsets.last ?? 0) + Int64(prompt.count)) }
        logits = [Float](repeating: 0, count: max(prompts.count, promptOfRow.count) * shape.vocabulary)
        try TorchLibrary.check("decoder_begin") {
            api.pointee.decoder_begin(
                handle, prompts.flatMap { $0 }, offsets, Int64(prompts.count), promptOfRow.map(Int64.init),
                Int64(promptOfRow.count), Int64(capacity), &logits, $0)
        }
        return try logits.withUnsafeMutableBufferPointer { buffer in
            try body(UnsafeMutableBufferPointer(rebasing: buffer.prefix(prompts.count * shape.vocabulary)))
        }
    }

    /// Appends one token to each of the given rows, in ascending order, and hands their next-token logits to `body`.
    ///
    /// - Parameter body: gets the logits, [rows, vocabulary], which are overwritten by the next step.
    package func step<Result>(
        tokens: [Int32], rows: [Int], _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        let api = try TorchLibrary.api()
        try TorchLibrary.check("decoder_step") {
            api.pointee.decoder_step(handle, tokens, rows.map(Int64.init), Int64(rows.count), &logits, $0)
        }
        return try logits.withUnsafeMutableBufferPointer { buffer in
            try body(UnsafeMutableBufferPointer(rebasing: buffer.prefix(rows.count * shape.vocabulary)))
        }
    }
}
