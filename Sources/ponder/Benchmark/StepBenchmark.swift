import Foundation
import Learning
import Reinforcement
import RunStore
import Torch
import Transformers

/// GRPO steps on random weights, timed: generation and learning through the same code as a run.
final class StepBenchmark {
    /// Medians over the timed steps.
    struct Report: Encodable {
        let parameters, threads, problems, samples, maxNew, steps: Int
        let dtype = "fp32"
        let torch: String
        let stepS, generationS, learnS: Double
        let tokensPerStep: Double
        let tokensPerSEndToEnd, tokensPerSGeneration: Double
        /// Floating-point operations a second of the matrix product.
        let matrixFlops: Double
        let limitTokensPerS, shareOfLimit: Double

        func show() {
            print(
                "\(parameters) parameters, \(threads) threads, \(problems) problems x \(samples) samples, fp32"
            )
            print(
                "step            \(stepS.shown(3)) s (generation \(generationS.shown(3)), learning \(learnS.shown(3)))"
            )
            print("end to end      \(tokensPerSEndToEnd.shown(0)) tokens/s")
            print("generation      \(tokensPerSGeneration.shown(0)) tokens/s")
            print(
                "limit           \(limitTokensPerS.shown(0)) tokens/s (\((matrixFlops / 1e9).shown()) GFLOP/s over 8 P)"
            )
            print("share of limit  \(shareOfLimit.shown(3))")
        }
    }

    private let learner: Learner
    private let problems, samples, maxNew, threads: Int
    private let hidden, ffn: Int
    private let random: CounterRandom

    init(
        hidden: Int, layers: Int, heads: Int, ffn: Int, vocabulary: Int, problems: Int, samples: Int,
        maxNew: Int,
        threads: Int, seed: UInt64
    ) throws {
        try TorchLibrary.setThreads(threads)
        let policy = PolicyConfiguration(
            vocabularySize: vocabulary, hidden: hidden, layers: layers, heads: heads, kvHeads: heads,
            ffn: ffn,
            maximumPositions: maxNew + 32, endTokens: [Int32(BenchmarkText.endToken)], padToken: 0)
        learner = try Learner(Policy(policy, .random(seed: seed)), RunConfiguration().learning)
        (self.problems, self.samples, self.maxNew, self.threads) = (problems, samples, maxNew, threads)
        (self.hidden, self.ffn) = (hidden, ffn)
        random = CounterRandom(seed: seed)
    }

    /// Runs one step that is not counted, then `steps` timed ones.
    func run(steps: Int, progress: (_ step: Int, _ seconds: Double) -> Void) throws -> Report {
        let clock = ContinuousClock()
        var times: [(generation: Double, learn: Double, tokens: Double)] = []
        let matrix = try MatrixRate(rows: problems * samples, hidden: hidden, ffn: ffn)
        // Measured between the steps, so that whatever else this machine does slows both alike.
        var rates: [Double] = []
        for step in 0...steps {
            let prompts = (0..<problems).map { BenchmarkText.prompt(step * problems + $0) }
            let start = clock.now
            let completions = try generate(prompts, step: step)
            let batch = trainingBatch(prompts, completions)
            let generated = clock.now
            _ = try learner.learn(batch)
            let learned = clock.now
            times.append(
                ((generated - start).inSeconds, (learned - generated).inSeconds, Double(batch.tokenCount)))
            progress(step, (learned - start).inSeconds)
            if step > 0 { rates += try matrix.measure() }
        }
        times.removeFirst()
        let flops = Self.median(rates)
        let parameters = learner.model.parameters.reduce(0) { $0 + $1.leaf.count }
        let limit = flops / (8 * Double(parameters))
        let endToEnd = Self.median(times.map { $0.tokens / ($0.generation + $0.learn) })
        return Report(
            parameters: parameters, threads: threads, problems: problems, samples: samples, maxNew: maxNew,
            steps: steps,
            torch: try TorchLibrary.version(), stepS: Self.median(times.map { $0.generation + $0.learn }),
            generationS: Self.median(times.map(\.generation)), learnS: Self.median(times.map(\.learn)),
            tokensPerStep: Self.median(times.map(\.tokens)), tokensPerSEndToEnd: endToEnd,
            tokensPerSGeneration: Self.median(times.map { $0.tokens / $0.generation }), matrixFlops: flops,
            limitTokensPerS: limit, shareOfLimit: endToEnd / limit)
    }

    /// As a run's workers do: contiguous slices side by side, each on one thread.
    private func generate(_ prompts: [[Int32]], step: Int) throws -> [[Completion]] {
        let slices = (0..<threads).map { $0 * prompts.count / threads..<($0 + 1) * prompts.count / threads }
        let results = SliceResults(count: threads)
        let settings = Sampling(maxNewTokens: maxNew)
        // Weights are only read until the threads have been joined.
        nonisolated(unsafe) let model = learner.model
        let (random, samples) = (random, samples)
        @Sendable func work(_ slice: Int) {
            results.set(
                slice,
                Result {
                    try TorchLibrary.setThreads(1)
                    return try model.generate(Array(prompts[slices[slice]]), samples: samples, settings) {
                        random.uniform(
                            .training, step: step, problem: slices[slice].lowerBound + $0, sample: $1,
                            position: $2)
                    }
                })
        }
        DispatchQueue.concurrentPerform(iterations: threads) { work($0) }
        // The number of threads is the calling thread's own setting.
        try TorchLibrary.setThreads(threads)
        return try results.all().flatMap { $0 }
    }

    /// Every trace is learned from, also of a group whose rewards happen to be equal.
    private func trainingBatch(_ prompts: [[Int32]], _ completions: [[Completion]]) -> TrainingBatch {
        var rows: [TrainingRow] = []
        for (prompt, group) in zip(prompts, completions) {
            let advantages = GroupAdvantage.mean.advantages(of: group.map { BenchmarkText.reward($0.tokens) })
            for (completion, advantage) in zip(group, advantages) {
                rows.append(
                    TrainingRow(
                        prompt: prompt, response: completion.tokens, behaviour: completion.logProbabilities,
                        advantage: Float(advantage)))
            }
        }
        return TrainingBatch(rows: rows, tokenCount: rows.reduce(0) { $0 + $1.response.count })
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
