import Foundation
import Reinforcement
import Testing
import Torch
import Transformers

@Suite struct GenerationTests {
    private let prompts: [[Int32]] = [[5, 6, 7], [8, 9, 10, 11, 12], [20]]

    /// A fixed stream of numbers in [0, 1).
    private func uniform(_ prompt: Int, _ sample: Int, _ position: Int) -> Double {
        let place: Int = prompt * 7919 + sample * 104_729 + position * 1_299_709 + 12_345
        return Double(place % 10_007) / 10_007
    }

    @Test func `behaviour log-probabilities are those of the forward pass`() throws {
        let model = try GoldenFiles.model()
        let all = try model.generate(prompts, samples: 4, Sampling(maxNewTokens: 24), uniform: uniform)
        #expect(all.map(\.count) == [4, 4, 4])
        for (prompt, completions) in zip(prompts, all) {
            for completion in completions {
                let forward = try model.logProbabilities(of: prompt + completion.tokens).suffix(
                    completion.tokens.count)
                #expect(completion.logProbabilities.count == completion.tokens.count)
                for (a, b) in zip(forward, completion.logProbabilities) { #expect(abs(a - b) < 1e-5) }
            }
        }
    }

    @Test func `the same numbers give the same bits`() throws {
        let model = try GoldenFiles.model()
        let first = try model.generate(prompts, samples: 3, Sampling(maxNewTokens: 16), uniform: uniform)
        #expect(
            try model.generate(prompts, samples: 3, Sampling(maxNewTokens: 16), uniform: uniform) == first)
    }

    @Test func `a response ends with the end token or at the limit, never beyond`() throws {
        let model = try GoldenFiles.model()
        for completion in try model.generate(
            prompts, samples: 20, Sampling(maxNewTokens: 12), uniform: uniform
        ).joined() {
            let ends = model.configuration.endTokens
            #expect(completion.ended == completion.tokens.last.map(ends.contains))
            #expect(!completion.tokens.dropLast().contains(where: ends.contains))
            #expect(completion.tokens.count <= 12 && (completion.ended || completion.tokens.count == 12))
        }
    }

    @Test func `only allowed tokens are sampled, with log-probabilities among them`() throws {
        let model = try GoldenFiles.model()
        let sampling = Sampling(allowed: [1, 4, 9], maxNewTokens: 8)
        for completion in try model.generate(prompts, samples: 8, sampling, uniform: uniform).joined() {
            #expect(Set(completion.tokens).isSubset(of: [1, 4, 9]))
            #expect(completion.logProbabilities.allSatisfy { $0 <= 0 && $0.isFinite })
        }
        let sure = try model.generate(
            prompts, samples: 1, Sampling(allowed: [4], maxNewTokens: 3), uniform: uniform)
        #expect(
            sure.joined().allSatisfy {
                $0.tokens == [4, 4, 4] && $0.logProbabilities.allSatisfy { abs($0) < 1e-6 }
            })
    }

    @Test func `temperature 0 takes the likeliest token whatever the numbers say`() throws {
        let model = try GoldenFiles.model()
        let greedy = Sampling(temperature: 0, maxNewTokens: 10)
        let one = try model.generate(prompts, samples: 1, greedy) { _, _, _ in 0 }
        #expect(try model.generate(prompts, samples: 1, greedy) { _, _, _ in 0.999 } == one)
    }

    @Test func `sampled tokens come as often as the policy says`() throws {
        let model = try GoldenFiles.model()
        let count = 4000
        let drawn = try model.generate([[5, 6, 7]], samples: count, Sampling(maxNewTokens: 1)) {
            _, sample, _ in
            (Double(sample) + 0.5) / Double(count)
        }
        var shares: [Int32: Double] = [:]
        for completion in drawn[0] { shares[completion.tokens[0], default: 0] += 1 / Double(count) }
        for token in Int32(0)..<40 {
            let probability = Double(
                try model.logProbabilities(of: [5, 6, 7, token]).last.map { Float(exp(Double($0))) } ?? 0)
            #expect(abs(shares[token, default: 0] - probability) < 2 / Double(count))
        }
    }

    @Test(arguments: [1, 2, 5, 11, 12, 100], [DType.float32, .bfloat16])
    func `places that go from row to row give the bits of a batch whose rows only leave`(
        slots: Int, dtype: DType
    ) throws {
        let generator = try Generator(GoldenFiles.model(), dtype: dtype)
        let settings = Sampling(maxNewTokens: 24)
        let fixed = try generator.generate(prompts, samples: 4, settings, uniform: uniform)
        #expect(Set(fixed.joined().map(\.tokens.count)).count >= 3)
        #expect(
            try generator.generate(prompts, samples: 4, settings, slots: slots, uniform: uniform) == fixed)
    }

    @Test(arguments: [1, 5, 100], [DType.float32, .bfloat16])
    func `a policy that takes over draws from its own view of what stands there`(slots: Int, dtype: DType)
        throws
    {
        let model = try GoldenFiles.model()
        let first = try Generator(model, dtype: dtype)
        let second = try Generator(Policy(model.configuration, .random(seed: 3)), dtype: dtype)
        let settings = Sampling(maxNewTokens: 24)
        var generation = Generation(prompts, samples: 4, settings, slots: slots)
        var asked = 0
        let isInterrupted: () -> Bool = {
            asked += 1
            return asked > 6
        }
        #expect(try !first.advance(&generation, isInterrupted: isInterrupted, uniform: uniform))
        let begun = generation.completions
        #expect(begun.contains { !$0.tokens.isEmpty && !$0.ended })
        #expect(try second.advance(&generation, uniform: uniform))

        let whole = try first.generate(prompts, samples: 4, settings, uniform: uniform).flatMap { $0 }
        for (row, completion) in generation.completions.enumerated() {
            let head = begun[row].tokens.count
            #expect(completion.tokens[..<head] == whole[row].tokens[..<head])
            #expect(completion.logProbabilities[..<head] == whole[row].logProbabilities[..<head])
            #expect(completion.ended || completion.tokens.count == 24)
            let rest = try second.logProbabilities(
                of: [
                    .init(
                        prompt: prompts[row / 4] + completion.tokens[..<head],
                        response: Array(completion.tokens[head...]))
                ], settings.rule)[0]
            #expect(rest == Array(completion.logProbabilities[head...]))
        }
    }

    @Test func `of a batch that ends early, the prompts are known whose rows are all done`() throws {
        let generator = try Generator(GoldenFiles.model())
        let settings = Sampling(maxNewTokens: 24)
        let whole = try generator.generate(prompts, samples: 4, settings, uniform: uniform)
        var found: Set<Set<Int>> = []
        for limit in 0..<72 {
            var generation = Generation(prompts, samples: 4, settings, slots: 4)
            var asked = 0
            let isInterrupted: () -> Bool = {
                asked += 1
                return asked > limit
            }
            _ = try generator.advance(&generation, isInterrupted: isInterrupted, uniform: uniform)
            found.insert(generation.donePrompts)
            for prompt in prompts.indices {
                #expect(
                    generation.donePrompts.contains(prompt) == (generation.results[prompt] == whole[prompt]))
            }
        }
        #expect(found.isSuperset(of: [[], [0, 1, 2]]) && found.count >= 3)
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func `a response that is computed again has the bits that it was sampled with`(dtype: DType) throws {
        let generator = try Generator(GoldenFiles.model(), dtype: dtype)
        let settings = Sampling(temperature: 0.7, topK: 12, topP: 0.9, maxNewTokens: 20)
        let all = try generator.generate(prompts, samples: 3, settings, uniform: uniform)
        let rows = zip(prompts, all).flatMap { prompt, completions in
            completions.map { PromptedResponse(prompt: prompt, response: $0.tokens) } + [
                PromptedResponse(prompt: prompt, response: [])
            ]
        }
        // Side by side and alone.
        let together = try generator.logProbabilities(of: rows, settings.rule)
        let alone = try rows.flatMap { try generator.logProbabilities(of: [$0], settings.rule) }
        #expect(together == all.flatMap { $0.map(\.logProbabilities) + [[]] })
        #expect(alone == together)
    }

    @Test func `in bfloat16 log-probabilities are close to the forward pass's`() throws {
        let model = try GoldenFiles.model()
        let all = try Generator(model, dtype: .bfloat16).generate(
            prompts, samples: 4, Sampling(maxNewTokens: 24), uniform: uniform)
        for (prompt, completions) in zip(prompts, all) {
            for completion in completions {
                let forward = try model.logProbabilities(of: prompt + completion.tokens).suffix(
                    completion.tokens.count)
                for (a, b) in zip(forward, completion.logProbabilities) { #expect(abs(a - b) < 0.05) }
            }
        }
    }

    @Test func `log-probabilities at a temperature are those of the learner at that temperature`() throws {
        let model = try GoldenFiles.model()
        let settings = Sampling(temperature: 1.6, maxNewTokens: 16)
        let responses = try model.generate([prompts[0]], samples: 3, settings, uniform: uniform)[0]
        let packed = try PackedBatch(
            responses.map { PromptedResponse(prompt: prompts[0], response: $0.tokens) })
        let learned = try withoutGradients { try model.logProbabilities(packed, temperature: 1.6).floats() }
        for (a, b) in zip(learned, responses.flatMap(\.logProbabilities)) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func `a token outside of the vocabulary is refused`() throws {
        let model = try GoldenFiles.model()
        #expect(throws: TorchError.self) {
            try model.generate([[40]], samples: 1, Sampling(maxNewTokens: 2), uniform: uniform)
        }
        #expect(throws: TorchError.self) {
            try model.generate([[]], samples: 1, Sampling(maxNewTokens: 2), uniform: uniform)
        }
    }
}
