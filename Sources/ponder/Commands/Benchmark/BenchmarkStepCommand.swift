import ArgumentParser
import Benchmarks
import Foundation
import Host
import ModelFiles
import Reinforcement
import Settings
import Transformers

/// `ponder benchmark step`: GRPO steps with random weights or with a model.
struct BenchmarkStepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Time whole GRPO steps of a policy with random weights, or of a model.",
        discussion: """
            A step generates --problems times --samples responses at temperature 1, scores them by a rule that gives every \
            group variance, and learns from all of them. Generation runs as in a run: --threads slices side by side, one \
            thread each; the learner then computes with --threads threads. Figures are medians over --steps steps after \
            one that is not counted; tokens count up to and including the end token.

            limit_tokens_per_s is F / (8 P). F is the rate of the product [batch, hidden] x [hidden, ffn], measured in \
            this process on as many threads; P are the parameters; 8 P operations are a token's generation (2 P), forward \
            pass (2 P) and backward pass (4 P). share_of_limit is tokens_per_s_end_to_end over it. peak_memory_bytes is \
            this process's largest resident set.

            Examples:
              ponder benchmark step --json
              ponder benchmark step --threads 1 --steps 9
              ponder benchmark step --model .deps/models/SmolLM2-135M-Instruct --problems 8 --max-new 64 --dtype bf16
            """
    )

    @Option(help: "A Hugging Face model folder instead of random weights of the sizes below.") var model:
        String?
    @Option(help: "Width of the decoder.") var hidden = 128
    @Option(help: "Layers of the decoder.") var layers = 4
    @Option(help: "Heads of a layer.") var heads = 4
    @Option(help: "Width of the feed-forward.") var ffn = 512
    @Option(help: "Tokens of the vocabulary.") var vocabulary = 97
    @Option(help: "Problems of a step.") var problems = 32
    @Option(help: "Samples of a problem.") var samples = 8
    @Option(help: "Most tokens of a response.") var maxNew = 96
    @Option(help: "Threads; the default is the processors of this machine.") var threads: Int?
    @Option(help: "Precision of products, fp32 or bf16, generating and learning; masters are fp32.")
    var dtype = Precision.fp32
    @Option(
        help: "Rows decoded at a time; a row that ends makes room for the next. (default: the fastest number)"
    ) var slots: Int?
    @Option(help: "Tokens of one forward and backward pass. (default: that of a run)") var microBatchTokens:
        Int?
    @Flag(help: "Recompute layers for the backward pass instead of keeping their activations.")
    var activationCheckpointing =
        false
    @Option(help: "Steps that are timed.") var steps = 5
    @Option(help: "Seed of weights and samples.") var seed: UInt64 = 0
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        let limits: [(String, Int, ClosedRange<Int>)] = [
            ("hidden", hidden, 2...65536), ("layers", layers, 1...1000), ("heads", heads, 1...1024),
            ("ffn", ffn, 1...1_000_000),
            ("vocabulary", vocabulary, 97...1_000_000), ("problems", problems, 1...65536),
            ("samples", samples, 2...1024),
            ("max-new", maxNew, 1...131_072), ("steps", steps, 1...10_000),
            ("threads", threads ?? 1, 1...1024), ("slots", slots ?? 1, 1...65536),
            ("micro-batch-tokens", microBatchTokens ?? 1, 1...(1 << 30)),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
        guard hidden % heads == 0, hidden / heads % 2 == 0 else {
            throw ValidationError("--hidden must be an even multiple of --heads.")
        }
    }

    func run() throws {
        let benchmark = try makeBenchmark()
        let progress = Progress(interval: .zero)
        let report = try benchmark.run(steps: steps) { step, seconds in
            progress.update(
                step == 0
                    ? "warm-up \(seconds.shown(2)) s" : "step \(step) of \(steps): \(seconds.shown(2)) s")
        }
        progress.finish()
        if json { try JSON.print(report) } else { report.show() }
    }

    private func makeBenchmark() throws -> StepBenchmark {
        var learning = RunConfiguration().learning
        if let microBatchTokens { learning.microBatchTokens = microBatchTokens }
        learning.activationCheckpointing = activationCheckpointing
        learning.dtype = dtype
        let work = StepBenchmark.Work(
            problems: problems, samples: samples, maxNew: maxNew,
            threads: threads ?? Processors.own.usable, seed: seed,
            dtype: dtype, slots: slots, learning: learning)
        if let model {
            let directory = try ModelDirectory(path: model)
            return try StepBenchmark(directory.load(), tokenizer: directory.tokenizer, work)
        }
        let policy = PolicyConfiguration(
            vocabularySize: vocabulary, hidden: hidden, layers: layers, heads: heads, kvHeads: heads,
            ffn: ffn,
            maximumPositions: maxNew + 32, endTokens: [Int32(BenchmarkQuestions.endToken)],
            padToken: 0)
        return try StepBenchmark(Policy(policy, .random(seed: seed)), tokenizer: nil, work)
    }
}

extension StepBenchmark.Report {
    fileprivate func show() {
        print(
            "\(parameters) parameters, \(threads) threads, \(problems) problems x \(samples) samples, \(dtype)"
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
        print("peak memory     \((Double(peakMemoryBytes) / 1e6).shown(0)) MB")
    }
}
