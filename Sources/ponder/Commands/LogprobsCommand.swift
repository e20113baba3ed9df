import ArgumentParser
import Foundation
import ModelFiles
import StrictJSON
import Torch
import Transformers

/// `ponder logprobs`: log-probabilities of given token ids.
struct LogprobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logprobs",
        abstract: "Compute the log-probability of each given token after those before it.",
        discussion: """
            Reads JSON lines {"ids": […]} and writes {"logprobs": […]}, one fewer than ids, natural logarithms, float32. \
            With {"ids": […], "prompt": n} the first n ids are a prompt, and only the values after it are written. With --dtype \
            bf16 they are the values that generation in bfloat16 samples from, bit by bit when "prompt" is given.

            Examples:
              echo '{"ids":[54,31,22]}' | ponder logprobs --model my-model
              echo '{"ids":[54,31,22],"prompt":2}' | ponder logprobs --dtype bf16
              ponder tokenize < texts.jsonl | ponder logprobs
            """
    )

    @OptionGroup var choice: ModelChoice

    @OptionGroup var compute: ComputeOptions

    @Flag(help: "Accepted for uniformity: the output is JSON lines in any case.")
    var json = false

    func run() throws {
        let chosen = try choice.open()
        let model = try chosen.load(threads: compute.threads)
        // Rollouts in bfloat16 compute token by token, so this does too.
        let generator =
            compute.precision(of: chosen) == .bfloat16 ? try Generator(model, dtype: .bfloat16) : nil
        let size = chosen.directory.configuration.vocabularySize
        let most = chosen.directory.configuration.maximumPositions
        try JSONLineStream.run { stream in
            while let line = try stream.next(Line.init) {
                if let id = line.ids.first(where: { $0 < 0 || Int($0) >= size }) {
                    throw stream.failure("token id \(id) is not in the vocabulary of \(size) ids")
                }
                guard line.ids.count <= most else {
                    throw stream.failure("\(line.ids.count) ids; this model reads at most \(most)")
                }
                let prompt = line.prompt ?? 1
                guard prompt >= 1, prompt <= max(1, line.ids.count) else {
                    throw stream.failure("a prompt of \(prompt) ids, where there are \(line.ids.count)")
                }
                let logprobs =
                    try generator.map {
                        try $0.logProbabilities(
                            of: [
                                .init(
                                    prompt: Array(line.ids.prefix(prompt)),
                                    response: Array(line.ids.dropFirst(prompt)))
                            ],
                            DrawRule())[0]
                    } ?? Array(model.logProbabilities(of: line.ids).dropFirst(prompt - 1))
                try stream.write(Result(logprobs: logprobs))
            }
        }
    }

    private struct Line {
        let ids: [Int32]
        let prompt: Int?

        init(_ object: inout ObjectReader) throws {
            ids = try object.required("ids").ids()
            prompt = try object.optional("prompt")?.integer()
        }
    }
    private struct Result: Encodable { let logprobs: [Float] }
}
