import CTorchAPI

/// Rows of different lengths laid end to end, without padding.
///
/// A segment's tokens attend to each other causally, and to all of its prefix: a prompt stands once for its group.
///
///     PackedLayout([.init(start: 0, length: 12), .init(start: 12, length: 40, prefix: 0)])
package struct PackedLayout: Sendable, Equatable {
    package struct Segment: Sendable, Equatable {
        package let start: Int
        package let length: Int
        /// Index of an earlier segment, which has no prefix itself; nil for none.
        package let prefix: Int?

        package init(start: Int, length: Int, prefix: Int? = nil) {
            self.start = start
            self.length = length
            self.prefix = prefix
        }
    }

    package let segments: [Segment]

    package init(_ segments: [Segment]) { self.segments = segments }

    /// Tokens in all.
    package var tokens: Int { segments.last.map { $0.start + $0.length } ?? 0 }
}

// What a decoder is made of, each one pass over memory, each with a gradient.
extension Tensor {
    /// x [n, in] · weightᵀ [in, out] + bias [out] → [n, out].
    package func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("linear", self, weight) {
            api.pointee.linear(handle, weight.handle, bias?.handle, $0, $1)
        }
    }

    /// Root-mean-square normalisation of rows [n, width] (Zhang & Sennrich, arXiv 1910.07467).
    package func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("rms_norm", self, weight) {
            api.pointee.rms_norm(handle, weight.handle, epsilon, $0, $1)
        }
    }

    /// silu(gate) · up of [n, 2·width], gate first → [n, width] (Shazeer, arXiv 2002.05202).
    package func swiGLU() throws(TorchError) -> Tensor {
        let api = try TorchLibrary.api()
        return try Tensor.make("swiglu", self) { api.pointee.swiglu(handle, $0, $1) }
    }

    /// Root-mean-square normalisation of each query and key head, values as they are: [tokens, (heads + 2·kvHeads)·width] → same.
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

    /// Causal attention with rotary positions over packed rows: [tokens, (heads + 2·kvHeads)·width] → [tokens, heads·width].
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

    /// log softmax(self [n, width] · headᵀ)[targets [n]] → [n], float32, without keeping more than `chunk` rows of logits.
    ///
    /// - Parameter chunk: nil for as many rows as 64 MiB hold, at most 1024.
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
