import Foundation
import Learning
import Primitives
package import Reinforcement
package import Settings
package import Tokenization
import Torch
package import Transformers

/// GRPO steps, timed: generation and learning through the same code as a run.
package final class StepBenchmark {
    /// Medians over the timed steps.
    package struct Report: Sendable, Encodable {
        package let parameters, threads, problems, samples, maxNew, steps: Int
        /// Precision of products.
        package let dtype: String
        package let torch: String
        package let stepS, generationS, learnS: Double
        package let tokensPerStep: Double
        package let tokensPerSEndToEnd, tokensPerSGeneration: Double
        /// Floating-point operations a second of the matrix product.
        package let matrixFlops: Double
        package let limitTokensPerS, shareOfLimit: Double
        /// Peak memory in bytes of the whole process, weights and optimizer included.
        package let peakMemoryBytes: Int

    }

    /// The size of a step.
    package struct Work {
        package var problems, samples, maxNew, threads: Int
        package var seed: UInt64
        package var dtype: Precision
        /// Rows decoded at a time; nil for the fastest number.
        package var slots: Int?
        package var learning: LearningSettings

        package init(
            problems: Int, samples: Int, maxNew: Int, threads: Int, seed: UInt64, dtype: Precision,
            slots: Int?,
            learning: LearningSettings
        ) {
            self.problems = problems
            self.samples = samples
            self.maxNew = maxNew
            self.threads = threads
            self.seed = seed
            self.dtype = dtype
            self.slots = slots
            self.learning = learning
        }
    }

    private let learner: Learner
    private let questions: BenchmarkQuestions
    private let work: Work
    private let random: CounterRandom

    /// - Parameter tokenizer: the model's; nil for a vocabulary of characters.
    package init(_ model: Policy, tokenizer: Tokenizer?, _ work: Work) throws {
        try TorchLibrary.setThreads(work.threads)
        learner = try Learner(model, work.learning)
        questions = BenchmarkQuestions(tokenizer: tokenizer)
        self.work = work
        random = CounterRandom(seed: work.seed)
    }

    /// Runs one step that is not counted, then `steps` timed ones.
    package func run(steps: Int, progress: (_ step: Int, _ seconds: Double) -> Void) throws -> Report {
        let clock = ContinuousClock()
        var times: [(generation: Double, learn: Double, tokens: Double)] = []
        let policy = learner.model.configuration
        let (problems, threads) = (work.problems, work.threads)
        let matrix = try MatrixRate(rows: problems * work.samples, hidden: policy.hidden, ffn: policy.ffn)
        // Measured between the steps, so that other load on this machine slows both alike.
        var rates: [Double] = []
        for step in 0...steps {
            let prompts = try (0..<problems).map { try questions.prompt(step * problems + $0) }
            let start = clock.now
            let completions = try generate(prompts, step: step)
            let batch = try trainingBatch(prompts, completions)
            let generated = clock.now
            _ = try learner.learn(batch)
            let learned = clock.now
            times.append(
                ((generated - start).seconds, (learned - generated).seconds, Double(batch.tokenCount)))
            progress(step, (learned - start).seconds)
            if step > 0 { rates += try matrix.measure() }
        }
        times.removeFirst()
        let flops = rates.median
        let parameters = learner.model.parameters.reduce(0) { $0 + $1.leaf.count }
        let limit = flops / (8 * Double(parameters))
        let endToEnd = times.map { $0.tokens / ($0.generation + $0.learn) }.median
        return Report(
            parameters: parameters, threads: threads, problems: problems, samples: work.samples,
            maxNew: work.maxNew, steps: steps, dtype: work.dtype.rawValue,
            torch: try TorchLibrary.version(), stepS: times.map { $0.generation + $0.learn }.median,
            generationS: times.map(\.generation).median, learnS: times.map(\.learn).median,
            tokensPerStep: times.map(\.tokens).median, tokensPerSEndToEnd: endToEnd,
            tokensPerSGeneration: times.map { $0.tokens / $0.generation }.median, matrixFlops: flops,
            limitTokensPerS: limit, shareOfLimit: endToEnd / limit, peakMemoryBytes: PeakMemory.bytes())
    }

    /// Generates as a run's workers do: contiguous slices in parallel, each on one thread.
    private func generate(_ prompts: [[Int32]], step: Int) throws -> [[Completion]] {
        let threads = work.threads
        let slices = (0..<threads).map { $0 * prompts.count / threads..<($0 + 1) * prompts.count / threads }
        let settings = Sampling(maxNewTokens: work.maxNew)
        // Weights are only read until the threads have been joined.
        nonisolated(unsafe) let model = learner.model
        let (random, samples, slots, dtype) = (random, work.samples, work.slots, work.dtype)
        let results = Parallel.map(threads, threads: threads) { slice in
            Result {
                try TorchLibrary.setThreads(1)
                return try Generator(model, dtype: DType(dtype)).generate(
                    Array(prompts[slices[slice]]), samples: samples, settings, slots: slots
                ) {
                    random.uniform(
                        .training, step: step, problem: slices[slice].lowerBound + $0, sample: $1,
                        position: $2)
                }
            }
        }
        // The number of threads is the calling thread's own setting.
        try TorchLibrary.setThreads(threads)
        return try results.flatMap { try $0.get() }
    }

    /// Learns from every trace, including those of groups with equal rewards.
    private func trainingBatch(_ prompts: [[Int32]], _ completions: [[Completion]]) throws -> TrainingBatch {
        var rows: [TrainingRow] = []
        for (prompt, group) in zip(prompts, completions) {
            let advantages = try GroupAdvantage.mean.advantages(
                of: group.map { try questions.reward($0.tokens) })
            for (completion, advantage) in zip(group, advantages) {
                rows.append(
                    TrainingRow(
                        prompt: prompt, response: completion.tokens, behaviour: completion.logProbabilities,
                        advantage: Float(advantage)))
            }
        }
        return TrainingBatch(rows: rows, tokenCount: rows.reduce(0) { $0 + $1.response.count })
    }
}
