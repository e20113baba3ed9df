import CTorchAPI

/// Rows of different lengths that lie end to end, without padding.
///
/// The tokens of a segment attend to each other causally and to all tokens of its prefix, so a prompt stands once for
/// its whole group.
///
///     PackedLayout([.init(start: 0, length: 12), .init(start: 12, length: 40, prefix: 0)])
package struct PackedLayout: Sendable, Equatable {
    /// Tokens [start, start + length) of the batch.
    package struct Segment: Sendable, Equatable {
        package let start: Int
        package let length: Int
        /// Index of an earlier segment that has no prefix itself; nil for none.
        package let prefix: Int?

        package init(start: Int, length: Int, prefix: Int? = nil) {
            self.start = start
            self.length = length
            self.prefix = prefix
        }
    }

    /// They cover all tokens of the batch in order, without gaps, and none is empty; operations refuse other layouts.
    package let segments: [Segment]

    package init(_ segments: [Segment]) { self.segments = segments }

    /// Total number of tokens.
    package var tokens: Int { segments.last.map { $0.start + $0.length } ?? 0 }
}

// The operations of a transformer's decoder, each with a gradient. On the CPU in float32 each is one fused kernel;
// other devices and element types take the same operation composed of libtorch's own. Nothing broadcasts here: shapes
// must be exactly as stated, and `TorchError` names those that are not.
extension Tensor {
    /// x [n, inputs] · weightᵀ [inputs, outputs] + bias [outputs] → [n, outputs].
    ///
    /// Its products are rounded inside `withProducts(of: .bfloat16)`.
    package func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("linear", self, weight) {
            api.pointee.linear(handle, weight.handle, bias?.handle, $0, $1)
        }
    }

    /// Root-mean-square normalisation of rows (Zhang & Sennrich, arXiv 1910.07467): [n, width], weight [width] → [n,
    /// width].
    ///
    /// - Parameter epsilon: added to the mean of the squares.
    package func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("rms_norm", self, weight) {
            api.pointee.rms_norm(handle, weight.handle, epsilon, $0, $1)
        }
    }

    /// silu(gate) · up (Shazeer, arXiv 2002.05202): [n, 2·width], gate in the first half of the columns → [n, width].
    package func swiGLU() throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("swiglu", self) { api.pointee.swiglu(handle, $0, $1) }
    }

    /// Root-mean-square normalisation of each query head and key head; values stay: [tokens, (heads + 2·kvHeads)·width]
    /// → same shape.
    ///
    /// - Parameters:
    ///   - query: weight of the queries' norm, [width].
    ///   - key: weight of the keys' norm, [width].
    package func headNorm(query: Tensor, key: Tensor, heads: Int, kvHeads: Int, epsilon: Double)
        throws(TorchError) -> Tensor
    {
        let api = try TorchLibrary.api()
        return try Tensor.make("head_norm", self, query, key) {
            api.pointee.head_norm(
                handle, query.handle, key.handle, Int64(heads), Int64(kvHeads), epsilon, $0, $1)
        }
    }

    /// Causal grouped-query attention with rotary positions over packed rows: [tokens, (heads + 2·kvHeads)·width], a
    /// token's queries first, then its keys, then its values → [tokens, heads·width].
    ///
    /// Scores are divided by √width. `heads` is a multiple of `kvHeads`; neighbouring query heads share a key head.
    package func packedAttention(_ layout: PackedLayout, heads: Int, kvHeads: Int, rope: RotaryPositions)
        throws(TorchError) -> Tensor
    {
        let api = try TorchLibrary.api()
        let segments = layout.segments.map {
            pt_segment(start: Int64($0.start), length: Int64($0.length), prefix: Int64($0.prefix ?? -1))
        }
        return try rope.withRaw { (rope: inout pt_rope) throws(TorchError) in
            try Tensor.make("packed_attention", self) {
                api.pointee.packed_attention(
                    handle, segments, Int64(segments.count), Int64(heads), Int64(kvHeads), &rope, $0, $1)
            }
        }
    }

    /// log softmax(self · headᵀ)[targets] for self [n, width], head [vocabulary, width] and int64 targets [n] → [n],
    /// float32.
    ///
    /// At most `chunk` rows of logits exist at once, forward or backward.
    ///
    /// - Parameter chunk: rows; nil for the number that 64 MiB of logits hold, from 32 to 1024.
    /// - Throws: `TorchError` when a target lies outside of the vocabulary.
    package func tokenLogProbabilities(head: Tensor, targets: Tensor, chunk: Int? = nil) throws(TorchError)
        -> Tensor
    {
        let api = try TorchLibrary.api()
        let chunk = chunk ?? max(32, min(1024, (1 << 24) / max(1, head.shape.first ?? 1)))
        return try Tensor.make("token_log_probabilities", self, head, targets) {
            api.pointee.token_log_probabilities(handle, head.handle, targets.handle, Int64(chunk), $0, $1)
        }
    }
}
