import ArgumentParser

/// `ponder benchmark`: speed as a share of the machine's limit.
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmark",
        abstract: "Measure speed, as a share of what this machine can do.",
        discussion: """
            Examples:
              ponder benchmark step --json
              ponder benchmark step --threads 2 --hidden 256 --ffn 1024
              ponder benchmark tokenizer --model my-model --text book.txt
            """,
        subcommands: [
            BenchmarkStepCommand.self, BenchmarkTokenizerCommand.self, BenchmarkVerifierCommand.self,
            BenchmarkScaleCommand.self, BenchmarkTracesCommand.self, BenchmarkWeightsCommand.self,
            BenchmarkDeltaCommand.self, BenchmarkAhaCommand.self,
        ]
    )
}
