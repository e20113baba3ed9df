/// The sizes of a decoder, in elements.
package struct DecoderShape: Sendable, Equatable {
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

/// The weights of one layer of a decoder; `qkv` stacks query, key and value, `gateUp` stacks gate and up.
package struct DecoderLayer {
    package let attentionNorm: Tensor
    package let qkv: Projection
    /// Weights of the norms of each query head and key head, [headWidth]; both or neither.
    package let queryNorm, keyNorm: Tensor?
    package let output: Projection
    package let mlpNorm: Tensor
    package let gateUp, down: Projection

    package init(
        attentionNorm: Tensor, qkv: Projection, queryNorm: Tensor? = nil, keyNorm: Tensor? = nil,
        output: Projection, mlpNorm: Tensor, gateUp: Projection, down: Projection
    ) {
        self.attentionNorm = attentionNorm
        self.qkv = qkv
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
        self.output = output
        self.mlpNorm = mlpNorm
        self.gateUp = gateUp
        self.down = down
    }
}
