import Reinforcement
import Testing
import Torch
import Transformers

/// What holds of every family.
@Suite struct FamilyTests {
    /// Norms and biases that do something.
    private func policy(_ family: PolicyFamily, layers: Int = 2) throws -> Policy {
        var sizes = try Self.sizes(family)
        sizes.layers = layers
        if family == .llama {
            sizes.rope.llama3 = Llama3Scaling(
                factor: 4, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 16)
        }
        let random = try Policy(sizes, .random(seed: 3))
        for (place, parameter) in random.parameters.enumerated() {
            let leaf = parameter.leaf
            let spread: Float = leaf.shape.count == 1 ? 0.3 : 0.15
            let base: Float = parameter.parts[0].name.hasSuffix("norm.weight") ? 1 : 0
            try leaf.copy(
                from: Tensor((0..<leaf.count).map { base + spread * noise($0, place) }, shape: leaf.shape))
        }
        return random
    }

    /// In −1…1, a function of its place.
    private func noise(_ index: Int, _ salt: Int) -> Float {
        let mixed = UInt64(index &+ 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(salt &+ 1) &* 0xBF58_476D_1CE4_E5B9
        return Float((mixed ^ (mixed >> 29)) & 0xFFFF) / 32768 - 1
    }

    static func sizes(_ family: PolicyFamily) throws -> PolicyConfiguration {
        PolicyConfiguration(
            family: family, vocabularySize: 97, hidden: 16, layers: 2, heads: 4, kvHeads: 2,
            headWidth: family == .qwen3 ? 8 : nil, ffn: 24, tiedEmbeddings: family == .qwen2)
    }

    @Test(arguments: PolicyFamily.allCases)
    func `sampled log-probabilities are those of the forward pass`(family: PolicyFamily) throws {
        let policy = try policy(family)
        let prompts: [[Int32]] = [[5, 6, 7], [8, 9, 10, 11, 12], [20]]
        let all = try policy.generate(prompts, samples: 3, Sampling(maxNewTokens: 30)) {
            prompt, sample, position in
            Double(self.noise(prompt * 1000 + sample * 100 + position, 7) + 1) / 2.001
        }
        for (prompt, completions) in zip(prompts, all) {
            for completion in completions {
                let forward = try policy.logProbabilities(of: prompt + completion.tokens)
                for (a, b) in zip(forward.suffix(completion.tokens.count), completion.logProbabilities) {
                    #expect(abs(a - b) < 2e-5)
                }
            }
        }
    }

    @Test(arguments: PolicyFamily.allCases)
    func `gradients are the slope of the loss in every leaf`(family: PolicyFamily) throws {
        let policy = try policy(family, layers: 1)
        for parameter in policy.parameters { try parameter.leaf.requireGradient() }
        let batch = try PackedBatch([
            .init(prompt: [5, 6, 7], response: [8, 9, 10, 1]), .init(prompt: [5, 6, 7], response: [11, 12]),
            .init(prompt: [20, 4], response: [3, 1]),
        ])
        func loss() throws -> Tensor { try policy.logProbabilities(batch).sum() }
        try loss().backward()
        for (place, parameter) in policy.parameters.enumerated() {
            let gradient = try #require(try parameter.leaf.gradient()).floats()
            // Along a direction of our own, and along the gradient's signs so that the slope is large.
            let direction = gradient.indices.map {
                (gradient[$0] < 0 ? -1 : 1) * (1 + 0.5 * noise($0, place))
            }
            let slope = zip(gradient, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let old = try parameter.leaf.floats()
            let step = Float(0.02 / max(1, slope))
            func value(_ sign: Float) throws -> Double {
                try withoutGradients {
                    let moved = zip(old, direction).map { $0 + sign * step * $1 }
                    try parameter.leaf.copy(from: Tensor(moved, shape: parameter.leaf.shape))
                    return try loss().item()
                }
            }
            let measured = (try value(1) - value(-1)) / Double(2 * step)
            _ = try withoutGradients {
                try parameter.leaf.copy(from: Tensor(old, shape: parameter.leaf.shape))
            }
            #expect(
                abs(measured - slope) < 0.03 * slope + 1e-3,
                "\(parameter.parts[0].name): \(measured) for \(slope)")
        }
    }

    @Test func `a prompt and its response must fit the model's positions`() throws {
        var sizes = try Self.sizes(.llama)
        sizes.maximumPositions = 12
        let policy = try Policy(sizes, .random(seed: 1))
        let fits = try policy.generate([[5, 6]], samples: 1, Sampling(maxNewTokens: 10)) { _, _, _ in 0.5 }
        #expect(fits[0].count == 1)
        let error = try #require(throws: ModelError.self) {
            _ = try policy.generate([[5, 6, 7]], samples: 1, Sampling(maxNewTokens: 10)) { _, _, _ in 0.5 }
        }
        #expect("\(error)".contains("max_position_embeddings: is 12"))
    }
}
