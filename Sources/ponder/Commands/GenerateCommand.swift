import ArgumentParser
import Episodes
import Foundation
import Reinforcement
import Settings
import StrictJSON
import Transformers

/// `ponder generate`: raw completions of given prompts.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue given prompts.",
        discussion: """
            Reads JSON lines {"prompt": …} or {"ids": […]} and writes, for each and for each of its samples, one line \
            {"prompt", "completion", "ids", "logprobs", "finish", "line", "sample"}: finish is "end" when the model ended it and \
            "length" when the limit cut it; logprobs are those of the distribution that was sampled from. The prompt, text or token \
            ids, is taken as it is; with --template a text is a question, and is asked with that template. Prompts are computed --batch lines at a time: with --batch 1 each is answered before \
            the next is read.

            Examples:
              echo '{"prompt":"Q:17+25=?\\nA:"}' | ponder generate --model my-model
              ponder generate --run runs/today --samples 8 --seed 3 < prompts.jsonl
              ponder generate --model my-model --temperature 0 --max-new 64 < prompts.jsonl
              ponder generate --model my-model --temperature 0.7 --top-p 0.9 --dtype bf16 < prompts.jsonl
            """
    )

    @OptionGroup var choice: ModelChoice
    @OptionGroup var template: TemplateOption
    @OptionGroup var sampling: SamplingOptions

    @Option(help: ArgumentHelp("Completions of each prompt.", valueName: "n"))
    var samples = 1

    @Option(help: ArgumentHelp("Lines that are computed together.", valueName: "n"))
    var batch = 16

    @Flag(help: "Accepted for uniformity: the output is JSON lines in any case.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(samples) else { throw ValidationError("--samples must be from 1 to 1024.") }
        guard (1...4096).contains(batch) else { throw ValidationError("--batch must be from 1 to 4096.") }
    }

    func run() throws {
        let opened = try choice.open()
        let chosen = try template.template == nil ? opened : opened.asking(template)
        let rules = try template.template.map { _ in try chosen.rules() }
        let model = try sampling.compute.generator(chosen)
        let settings = sampling.settings(limit: chosen.configuration.rollout.maxNewTokens)
        let round = RoundID(step: 0, purpose: .evaluation)
        // On one terminal the lines themselves show how far it is.
        let progress = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 0 ? Progress() : nil
        defer { progress?.finish() }
        try JSONLineStream.run { stream in
            var waiting: [(line: Int, prompt: String?, ids: [Int32])] = []
            func answer() throws {
                let rollout = Rollout(
                    round, seed: sampling.seed ?? 0,
                    prompts: waiting.map { (problem: $0.line - 1, tokens: $0.ids) },
                    samples: samples, settings)
                for (place, trace) in try rollout.finished(by: model).enumerated() {
                    let asked = waiting[place / samples]
                    try stream.write(
                        Result(
                            prompt: asked.prompt, completion: chosen.text(trace), ids: trace.tokens,
                            logprobs: trace.logProbabilities, finish: trace.finish, line: asked.line,
                            sample: trace.id.sample))
                }
                progress?.update("\(stream.line) lines answered")
                waiting = []
            }
            do {
                while let line = try stream.next(Line.init) {
                    let ids: [Int32]
                    do {
                        if let rules, let question = line.prompt, line.ids == nil {
                            ids = try chosen.ids(of: rules.written(question, .evaluation), rules)
                        } else {
                            ids = try chosen.ids(text: line.prompt, ids: line.ids)
                        }
                    } catch {
                        throw stream.failure("\(error)")
                    }
                    waiting.append((stream.line, line.prompt, ids))
                    if waiting.count == batch { try answer() }
                }
            } catch {
                // The lines before a bad one are answered all the same.
                try answer()
                throw error
            }
            try answer()
        }
    }

    private struct Line {
        let prompt: String?
        let ids: [Int32]?

        init(_ object: inout ObjectReader) throws {
            prompt = try object.optional("prompt")?.string()
            ids = try object.optional("ids")?.ids()
        }
    }

    private struct Result: Encodable {
        let prompt: String?
        let completion: String
        let ids: [Int32]
        let logprobs: [Float]
        let finish: Finish
        let line, sample: Int
    }
}
