import Foundation
import Testing
import Torch

/// The kernels work in float32; the same operations on float64 go through libtorch's own, and are the reference.
@Suite struct DecoderOperationTests {
    /// Values of both types from one list; the gradient of Σ wᵢ yᵢ checks a backward in all its elements.
    private func compare(
        _ values: [[Double]], _ shapes: [[Int]], tolerance: Double = 2e-5,
        gradient: (Int) -> Double = { Double(($0 * 7919) % 31) / 15 - 1 },
        _ operation: ([Tensor]) throws -> Tensor
    ) throws {
        func run(_ dtype: DType) throws -> (output: [Double], gradients: [[Double]]) {
            let inputs = try zip(values, shapes).map { try Tensor($0, shape: $1).converted(to: dtype) }
            for input in inputs { try input.requireGradient() }
            let output = try operation(inputs)
            let weights = (0..<output.count).map(gradient)
            try (output * Tensor(weights, shape: output.shape).converted(to: output.dtype)).sum().backward()
            return (try doubles(output), try inputs.map { try doubles(#require(try $0.gradient())) })
        }
        let (ours, reference) = (try run(.float32), try run(.float64))
        expectClose(ours.output, reference.output, tolerance)
        for (mine, other) in zip(ours.gradients, reference.gradients) {
            expectClose(mine, other, tolerance * 10)
        }
    }

    private func doubles(_ tensor: Tensor) throws -> [Double] {
        try tensor.detached().converted(to: .float64).bytes().withUnsafeBytes {
            Array($0.bindMemory(to: Double.self))
        }
    }

    private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double) {
        #expect(a.count == b.count)
        let worst = zip(a, b).map { abs($0 - $1) / (1 + abs($1)) }.max() ?? 0
        #expect(worst < tolerance, "differs by \(worst)")
    }

    private func wave(_ count: Int, _ scale: Double = 1) -> [Double] {
        (0..<count).map { scale * (Double(($0 * 2_654_435_761) % 1009) / 504.5 - 1) }
    }

    @Test(arguments: [(1, 16), (5, 32), (300, 128), (7, 24)])
    func `root mean square norm and its gradient`(rows: Int, width: Int) throws {
        try compare([wave(rows * width, 2), wave(width)], [[rows, width], [width]]) {
            try $0[0].rmsNorm($0[1], epsilon: 1e-6)
        }
    }

    @Test(arguments: [(1, 16), (300, 64), (3, 8)])
    func `gated unit and its gradient`(rows: Int, width: Int) throws {
        try compare([wave(rows * 2 * width, 12)], [[rows, 2 * width]]) { try $0[0].swiGLU() }
    }

    @Test(
        arguments: [
            (4, 4, 32), (4, 2, 8), (6, 1, 16), (3, 3, 64), (2, 1, 20),
        ])
    func `packed attention and its gradient, with and without a shared prompt`(
        heads: Int, kvHeads: Int, width: Int
    ) throws {
        let layout = PackedLayout([
            .init(start: 0, length: 13), .init(start: 13, length: 30, prefix: 0),
            .init(start: 43, length: 1, prefix: 0),
            .init(start: 44, length: 17), .init(start: 61, length: 40, prefix: 3),
        ])
        let columns = (heads + 2 * kvHeads) * width
        try compare([wave(101 * columns, 1.5)], [[101, columns]]) {
            try $0[0].packedAttention(
                layout, heads: heads, kvHeads: kvHeads, rope: RotaryPositions(theta: 1e4, width: width))
        }
    }

    @Test(arguments: [(4, 4, 32), (4, 2, 8)])
    func `norms of query and key heads and their gradient`(heads: Int, kvHeads: Int, width: Int) throws {
        let columns = (heads + 2 * kvHeads) * width
        try compare(
            [wave(9 * columns, 2), wave(width), wave(width).reversed()], [[9, columns], [width], [width]]
        ) {
            try $0[0].headNorm(query: $0[1], key: $0[2], heads: heads, kvHeads: kvHeads, epsilon: 1e-6)
        }
    }

    @Test func `a response behind a shared prompt attends as if the prompt were its own`() throws {
        let (heads, width) = (2, 16)
        let columns = 3 * heads * width
        let values = wave(20 * columns).map(Float.init)
        let whole = try Tensor(values, shape: [20, columns])
            .packedAttention(
                PackedLayout([.init(start: 0, length: 20)]), heads: heads, kvHeads: heads,
                rope: RotaryPositions(theta: 1e4, width: width))
        let split = try Tensor(values, shape: [20, columns])
            .packedAttention(
                PackedLayout([.init(start: 0, length: 12), .init(start: 12, length: 8, prefix: 0)]),
                heads: heads,
                kvHeads: heads, rope: RotaryPositions(theta: 1e4, width: width))
        let worst = try zip(whole.floats(), split.floats()).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-6)
    }

    @Test(
        arguments: [
            [PackedLayout.Segment(start: 0, length: 5)],
            [PackedLayout.Segment(start: 1, length: 9)],
            [PackedLayout.Segment(start: 0, length: 0), .init(start: 0, length: 10)],
            [PackedLayout.Segment(start: 0, length: 5), .init(start: 5, length: 5, prefix: 1)],
            [
                PackedLayout.Segment(start: 0, length: 3), .init(start: 3, length: 3, prefix: 0),
                .init(start: 6, length: 4, prefix: 1),
            ],
        ])
    func `a layout that does not tile its tokens is refused`(segments: [PackedLayout.Segment]) throws {
        let qkv = try Tensor.zeros([10, 48])
        #expect(throws: TorchError.self) {
            try qkv.packedAttention(
                PackedLayout(segments), heads: 1, kvHeads: 1, rope: RotaryPositions(theta: 1e4, width: 16))
        }
    }

    @Test(arguments: [1, 3, 1024])
    func `log-probabilities of tokens do not depend on the chunk`(chunk: Int) throws {
        let targets = try Tensor((0..<10).map { Int64($0 * 3 % 7) }, shape: [10])
        try compareLogProbabilities(targets, chunk: chunk)
    }

    private func compareLogProbabilities(_ targets: Tensor, chunk: Int) throws {
        let (tokens, width, vocabulary) = (10, 16, 7)
        let (x, w) = (wave(tokens * width), Array(wave(vocabulary * width).reversed()))
        let weights = (0..<tokens).map { Double($0) - 4 }
        let hidden = try Tensor(x.map(Float.init), shape: [tokens, width])
        let head = try Tensor(w.map(Float.init), shape: [vocabulary, width])
        for leaf in [hidden, head] { try leaf.requireGradient() }
        let ours = try hidden.tokenLogProbabilities(head: head, targets: targets, chunk: chunk)
        try (ours * Tensor(weights.map(Float.init), shape: [tokens])).sum().backward()

        // The formula in plain arithmetic: the derivative by a logit is 1 at the target, less the softmax.
        let places = try targets.bytes().withUnsafeBytes {
            Array($0.bindMemory(to: Int64.self)).map(Int.init)
        }
        var expected: [Double] = []
        var (dx, dw) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: w.count))
        for token in 0..<tokens {
            let logits = (0..<vocabulary).map { id in
                (0..<width).reduce(0.0) { $0 + x[token * width + $1] * w[id * width + $1] }
            }
            let normaliser = log(logits.reduce(0.0) { $0 + exp($1) })
            expected.append(logits[places[token]] - normaliser)
            for id in 0..<vocabulary {
                let slope = weights[token] * ((id == places[token] ? 1 : 0) - exp(logits[id] - normaliser))
                for column in 0..<width {
                    dx[token * width + column] += slope * w[id * width + column]
                    dw[id * width + column] += slope * x[token * width + column]
                }
            }
        }
        expectClose(try doubles(ours), expected, 1e-6)
        for (leaf, gradient) in [(hidden, dx), (head, dw)] {
            expectClose(try doubles(#require(try leaf.gradient())), gradient, 1e-5)
        }
    }

    /// Eighths that bfloat16 holds exactly, so that rounding them changes nothing.
    private func eighths(_ count: Int) -> [Double] {
        (0..<count).map { Double(($0 * 2_654_435_761) % 37 - 18) / 8 }
    }

    @Test(arguments: [(1, 5, 3), (70, 100, 50), (33, 32, 64), (300, 129, 200), (64, 1, 1)])
    func `products in bfloat16 are exact for factors that it holds, and so are their gradients`(
        rows: Int, inputs: Int, outputs: Int
    ) throws {
        try withProducts(of: .bfloat16) {
            try compare(
                [eighths(rows * inputs), eighths(outputs * inputs), eighths(outputs)],
                [[rows, inputs], [outputs, inputs], [outputs]], gradient: { Double($0 * 7919 % 31 - 15) }
            ) { try $0[0].linear($0[1], bias: $0[2]) }
        }
    }

    @Test func `products in bfloat16 round their factors, and only inside`() throws {
        let x = try Tensor([Float](repeating: 1 + 1 / 512, count: 64), shape: [64, 1])
        let one = try Tensor([Float(1)], shape: [1, 1])
        #expect(try withProducts(of: .bfloat16) { try x.linear(one).floats()[0] } == 1)
        #expect(try x.linear(one).floats()[0] == 1 + 1 / 512)
        #expect(throws: TorchError.self) {
            try withProducts(of: .bfloat16) { try x.linear(Tensor.zeros([1, 2])) }
        }
        #expect(try x.linear(one).floats()[0] == 1 + 1 / 512)
    }

    @Test(arguments: [7, 3000])
    func `log-probabilities in bfloat16 are those of rounded factors, and so are their gradients`(
        vocabulary: Int
    ) throws {
        let targets = try Tensor((0..<70).map { Int64($0 * 3 % vocabulary) }, shape: [70])
        func run(_ dtype: DType) throws -> [[Float]] {
            let hidden = try Tensor(eighths(70 * 16).map { Float($0 / 4) }, shape: [70, 16])
            let head = try Tensor(eighths(vocabulary * 16).map { Float($0 / 4) }, shape: [vocabulary, 16])
            for leaf in [hidden, head] { try leaf.requireGradient() }
            let output = try withProducts(of: dtype) {
                try hidden.tokenLogProbabilities(head: head, targets: targets, chunk: 32)
            }
            try output.sum().backward()
            return [try output.floats()]
                + (try [hidden, head].map { try #require(try $0.gradient()).floats() })
        }
        for (rounded, full) in zip(try run(.bfloat16), try run(.float32)) {
            let size = full.map(abs).max() ?? 0
            let worst = zip(rounded, full).map { abs($0 - $1) }.max() ?? 1
            // The way back has factors of its own, which bfloat16 rounds to one in 256.
            #expect(worst <= size / 128)
        }
        #expect(try run(.bfloat16)[0] == run(.float32)[0])
    }

    @Test func `a target outside of the vocabulary is refused`() throws {
        let targets = try Tensor([7] as [Int64], shape: [1])
        let hidden = try Tensor.zeros([1, 16])
        let head = try Tensor.zeros([7, 16])
        #expect(throws: TorchError.self) { try hidden.tokenLogProbabilities(head: head, targets: targets) }
    }
}
