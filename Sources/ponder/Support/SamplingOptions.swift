import ArgumentParser
import Reinforcement
import Settings
import Torch
import Transformers

extension Precision: ExpressibleByArgument {}

/// The precision and the number of threads of a model.
struct ComputeOptions: ParsableArguments {
    @Option(help: "Precision of products, fp32 or bf16. (default: the run's, or fp32)")
    var dtype: Precision?

    @Option(help: "Threads to compute with.")
    var threads: Int = 1

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024.") }
    }

    /// Loads the model's weights for generation.
    func generator(_ chosen: ChosenModel) throws -> Generator {
        try Generator(chosen.load(threads: threads), dtype: precision(of: chosen))
    }

    func precision(of chosen: ChosenModel) -> DType {
        DType(dtype ?? chosen.configuration.policy.dtype)
    }
}

/// How tokens are sampled, for commands that generate.
struct SamplingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keys every random number: the same seed gives the same tokens. (default: a new one for ask, else 0)",
            valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Divides the logits; 0 takes the likeliest token. (default: 0 for ask, else 1)", valueName: "t"))
    var temperature: Double?

    @Option(
        name: .customLong("top-k"),
        help: ArgumentHelp("Sample from the n likeliest tokens only. (default: all)", valueName: "n"))
    var topK: Int?

    @Option(
        name: .customLong("top-p"),
        help: ArgumentHelp(
            "Sample from the fewest likeliest tokens that together have probability p; 1 is all.",
            valueName: "p"))
    var topP: Double = 1

    @Option(name: .customLong("max-new"), help: ArgumentHelp("Most tokens of a response.", valueName: "n"))
    var maxNew: Int?

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if let temperature, !(temperature >= 0 && temperature <= 100) {
            throw ValidationError("--temperature must be a number from 0 to 100.")
        }
        if let topK, !(1...1_000_000).contains(topK) {
            throw ValidationError("--top-k must be from 1 to 1000000.")
        }
        guard topP > 0, topP <= 1 else { throw ValidationError("--top-p must be above 0 and at most 1.") }
        if let maxNew, !(1...131_072).contains(maxNew) {
            throw ValidationError("--max-new must be from 1 to 131072.")
        }
    }

    /// - Parameters:
    ///   - allowed: the tokens that may be sampled; nil for all.
    ///   - limit: longest response in tokens when --max-new is not given.
    ///   - endTokens: each ends a response; nil for the model's own.
    func settings(allowed: [Int32]? = nil, limit: Int, endTokens: Set<Int32>? = nil) -> Sampling {
        Sampling(
            temperature: temperature ?? 1, allowed: allowed, topK: topK, topP: topP,
            maxNewTokens: maxNew ?? limit, endTokens: endTokens)
    }
}
