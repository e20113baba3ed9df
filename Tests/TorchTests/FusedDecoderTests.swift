import Testing
import Torch

/// The fused decoder against the same mathematics from single operations over packed rows, for every kind of layer.
@Suite struct FusedDecoderTests {
    /// A kind of decoder that some family has.
    struct Kind: Sendable, CustomTestStringConvertible {
        var heads = 4
        var kvHeads = 4
        var headWidth = 16
        var bias = false
        var norms = false
        var rope: RotaryPositions?

        var testDescription: String {
            "\(heads)/\(kvHeads) heads of \(headWidth), bias \(bias), norms \(norms), own table \(rope != nil)"
        }
    }

    static let kinds = [
        Kind(bias: true),
        Kind(),
        Kind(heads: 6, kvHeads: 2, bias: true),
        Kind(heads: 9, kvHeads: 3, headWidth: 8),
        Kind(heads: 3, kvHeads: 1, headWidth: 64),
        Kind(heads: 4, kvHeads: 2, headWidth: 32, norms: true),
        Kind(
            headWidth: 8,
            rope: RotaryPositions(inverseFrequencies: [1, 0.3, 0.02, 0.001], scale: 1.25)),
        Kind(heads: 2, kvHeads: 1, headWidth: 20, bias: true, norms: true),
    ]

    @Test(arguments: kinds)
    func `a decoded token's logits are those of the whole row in one pass`(kind: Kind) throws {
        let policy = try Miniature(kind)
        let prompts: [[Int32]] = [[5, 6, 7], [8, 9, 10, 11, 12], [20]]
        let promptOfRow = [0, 0, 1, 2, 2, 2]
        let decoder = try policy.decoder()
        var rows = promptOfRow.map { prompts[$0] }
        try decoder.begin(prompts: prompts, slots: promptOfRow.count, capacity: 20)
        for (slot, prompt) in promptOfRow.enumerated() { try decoder.place(prompt: prompt, in: slot) }
        for (index, prompt) in prompts.enumerated() {
            try expectClose(decoder.promptLogits[index * 50..<(index + 1) * 50], policy.logits(prompt))
        }
        for step in 0..<20 {
            // Rows leave one by one.
            let active = promptOfRow.indices.filter { $0 == 1 || step < 4 + 3 * $0 }
            let tokens = active.map { Int32(($0 * 7 + step * 11) % 50) }
            for (row, token) in zip(active, tokens) { rows[row].append(token) }
            try decoder.step(tokens: tokens, slots: active)
            for (place, row) in active.enumerated() {
                try expectClose(decoder.logits[place * 50..<(place + 1) * 50], policy.logits(rows[row]))
            }
        }
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func `a row's bits do not depend on the rows beside it, on its slot or on threads`(dtype: DType) throws {
        let policy = try Miniature(Kind(heads: 6, kvHeads: 2, bias: true))
        func logits(beside others: Int, threads: Int) throws -> [Float] {
            try TorchLibrary.setThreads(threads)
            defer { try? TorchLibrary.setThreads(1) }
            let decoder = try policy.decoder(dtype: dtype)
            let prompts =
                (0..<others).map { [Int32](repeating: Int32($0 % 50), count: 3 + $0 % 20) } + [[9, 8, 7]]
            try decoder.begin(prompts: prompts, slots: prompts.count, capacity: 40)
            for slot in prompts.indices { try decoder.place(prompt: slot, in: slot) }
            for token in Int32(0)..<33 {
                try decoder.step(
                    tokens: prompts.indices.map { (Int32($0 == others ? 0 : $0) + token) % 50 },
                    slots: Array(prompts.indices))
            }
            return Array(decoder.logits[others * 50..<(others + 1) * 50])
        }
        let alone = try logits(beside: 0, threads: 1)
        #expect(alone.allSatisfy { $0.isFinite })
        for (others, threads) in [(1, 1), (4, 1), (12, 1), (200, 1), (200, 2), (7, 2)] {
            #expect(try logits(beside: others, threads: threads) == alone)
        }
    }

    @Test func `a row in a slot that another has left is as in a fresh one`() throws {
        let policy = try Miniature(Kind(kvHeads: 2))
        let decoder = try policy.decoder()
        try decoder.begin(prompts: [[1, 2, 3], [4]], slots: 2, capacity: 20)
        for slot in 0..<2 { try decoder.place(prompt: 0, in: slot) }
        for token in Int32(0)..<18 { try decoder.step(tokens: [token, token + 1], slots: [0, 1]) }
        try decoder.place(prompt: 1, in: 0)
        try decoder.step(tokens: [7, 30], slots: [0, 1])
        try expectClose(decoder.logits[0..<50], policy.logits([4, 7]))
    }

    @Test(arguments: kinds)
    func `bfloat16 is float32 to within its rounding`(kind: Kind) throws {
        let policy = try Miniature(kind)
        let (full, rounded) = (try policy.decoder(), try policy.decoder(dtype: .bfloat16))
        for decoder in [full, rounded] {
            try decoder.begin(prompts: [[5, 6, 7]], slots: 1, capacity: 20)
            try decoder.place(prompt: 0, in: 0)
            for token in Int32(10)..<29 { try decoder.step(tokens: [token], slots: [0]) }
        }
        let scale = full.logits.map(abs).max() ?? 0
        let worst = zip(full.logits, rounded.logits).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 0.03 * scale, "differs by \(worst) of \(scale)")
        #expect(worst > 0)
    }

    @Test func `slots beyond their room, out of order or outside of the batch are refused`() throws {
        let decoder = try Miniature(Kind()).decoder()
        try decoder.begin(prompts: [[1]], slots: 2, capacity: 1)
        for slots in [[1, 0], [0, 2], [-1]] {
            #expect(throws: TorchError.self) { try decoder.step(tokens: slots.map { _ in 3 }, slots: slots) }
        }
        try decoder.step(tokens: [3], slots: [1])
        #expect(throws: TorchError.self) { try decoder.step(tokens: [3], slots: [1]) }
        #expect(throws: TorchError.self) { try decoder.step(tokens: [50], slots: [0]) }
        #expect(throws: TorchError.self) { try decoder.place(prompt: 1, in: 0) }
        #expect(throws: TorchError.self) { try decoder.place(prompt: 0, in: 2) }
    }

    @Test func `half of a pair of norms is refused`() throws {
        let policy = try Miniature(Kind(norms: true))
        let layer = policy.layers[0]
        let half = DecoderLayer(
            attentionNorm: layer.attentionNorm, qkv: layer.qkv, queryNorm: layer.queryNorm,
            output: layer.output,
            mlpNorm: layer.mlpNorm, gateUp: layer.gateUp, down: layer.down)
        #expect(throws: TorchError.self) { try policy.decoder(layers: [half, half]) }
    }

    @Test func `a bias that the kernels do not add is refused`() throws {
        let policy = try Miniature(Kind())
        let layer = policy.layers[0]
        let biased = DecoderLayer(
            attentionNorm: layer.attentionNorm, qkv: layer.qkv, output: layer.output, mlpNorm: layer.mlpNorm,
            gateUp: layer.gateUp,
            down: Projection(layer.down.weight, bias: try Tensor.zeros([policy.shape.hidden])))
        #expect(throws: TorchError.self) { try policy.decoder(layers: [layer, biased]) }
    }

    private func expectClose(_ ours: ArraySlice<Float>, _ reference: [Float]) {
        #expect(ours.count == reference.count)
        let worst = zip(ours, reference).map { abs($0 - $1) }.max() ?? 0
        #expect(worst < 1e-5, "differs by \(worst)")
    }
}

/// A decoder of two layers with fixed weights.
private struct Miniature {
    let shape: DecoderShape
    let embedding, finalNorm: Tensor
    let layers: [DecoderLayer]

    init(_ kind: FusedDecoderTests.Kind) throws {
        let (hidden, ffn) = (48, 80)
        shape = DecoderShape(
            layers: 2, hidden: hidden, heads: kind.heads, kvHeads: kind.kvHeads, headWidth: kind.headWidth,
            ffn: ffn, vocabulary: 50, rmsEpsilon: 1e-6,
            rope: kind.rope ?? RotaryPositions(theta: 1e4, width: kind.headWidth))
        var state: UInt64 = 7
        func filled(_ shape: [Int], around centre: Float = 0) throws -> Tensor {
            let values = (0..<shape.reduce(1, *)).map { _ -> Float in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return centre + 0.4 * (Float(state >> 40) / Float(1 << 24) - 0.5)
            }
            return try Tensor(values, shape: shape)
        }
        embedding = try filled([50, hidden])
        finalNorm = try filled([hidden], around: 1)
        let columns = (kind.heads + 2 * kind.kvHeads) * kind.headWidth
        layers = try (0..<2).map { _ in
            DecoderLayer(
                attentionNorm: try filled([hidden], around: 1),
                qkv: Projection(
                    try filled([columns, hidden]), bias: kind.bias ? try filled([columns]) : nil),
                queryNorm: kind.norms ? try filled([kind.headWidth], around: 1) : nil,
                keyNorm: kind.norms ? try filled([kind.headWidth], around: 1) : nil,
                output: Projection(try filled([hidden, kind.heads * kind.headWidth])),
                mlpNorm: try filled([hidden], around: 1),
                gateUp: Projection(try filled([2 * ffn, hidden])),
                down: Projection(try filled([hidden, ffn])))
        }
    }

    func decoder(layers: [DecoderLayer]? = nil, dtype: DType = .float32) throws -> FusedDecoder {
        try FusedDecoder(
            shape: shape, embedding: embedding, head: embedding, finalNorm: finalNorm,
            layers: layers ?? self.layers, dtype: dtype)
    }

    /// Next-token logits after a row, [vocabulary].
    func logits(_ row: [Int32]) throws -> [Float] {
        let layout = PackedLayout([.init(start: 0, length: row.count)])
        let epsilon = shape.rmsEpsilon
        var x = try embedding.rows(Tensor(row.map(Int64.init), shape: [row.count]))
        for layer in layers {
            var qkv = try layer.qkv(x.rmsNorm(layer.attentionNorm, epsilon: epsilon))
            if let query = layer.queryNorm, let key = layer.keyNorm {
                qkv = try qkv.headNorm(
                    query: query, key: key, heads: shape.heads, kvHeads: shape.kvHeads, epsilon: epsilon)
            }
            let mixed = try qkv.packedAttention(
                layout, heads: shape.heads, kvHeads: shape.kvHeads, rope: shape.rope)
            x = try x + layer.output(mixed)
            x = try x + layer.down(layer.gateUp(x.rmsNorm(layer.mlpNorm, epsilon: epsilon)).swiGLU())
        }
        return try x.rmsNorm(finalNorm, epsilon: epsilon).linear(embedding)
            .narrowed(0, from: row.count - 1, count: 1).floats()
    }
}
