import ArgumentParser
import Coordination
import Episodes
import Reasoning
import Reinforcement
import Settings
import Tokenization
import Transformers

/// `ponder ask`: one question, the thought and the answer.
struct AskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask a model one question, and see the thought and the answer.",
        discussion: """
            Without --model and --run it asks the model that comes with Ponder. It takes the likeliest token at each \
            position, so the same question gets the same answer. With --temperature, --top-k, --top-p or --samples it \
            samples, with a new seed each time, which is shown; --seed repeats it. A question of digits and + - * / alone \
            gets '=?' behind it; every other question is asked as it stands. With --direct only digits and a minus sign \
            may be sampled: the answer comes without a thought.

            Examples:
              ponder ask '17+25+38=?'
              ponder ask --run runs/today --compare '12*7+35+9*4'
              ponder ask --run runs/today --samples 8 '12*7+35+9*4'
              ponder ask --run runs/today --direct '12*7+35+9*4'
              ponder ask --model my-model --json '17+25=?'
            """
    )

    @OptionGroup var choice: ModelChoice
    @OptionGroup var template: TemplateOption
    @OptionGroup var sampling: SamplingOptions

    @Option(help: ArgumentHelp("Answers to show, and how many are right.", valueName: "n"))
    var samples = 1

    @Flag(help: "With --run: ask the model that the run began with, too.")
    var compare = false

    @Flag(help: "Ask for the answer alone, without a thought.")
    var direct = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Argument(help: "What is asked.")
    var question: String

    func validate() throws {
        guard (1...1024).contains(samples) else { throw ValidationError("--samples must be from 1 to 1024.") }
        guard samples == 1 || sampling.temperature != 0 else {
            throw ValidationError(
                "--samples with --temperature 0 shows the same answer each time; leave one out.")
        }
        guard !compare || choice.run != nil else {
            throw ValidationError("--compare needs --run DIR, whose model it asks before and after.")
        }
    }

    func run() throws {
        let options = chosenSampling
        let trained = try choice.open().asking(template)
        let after = try replies(of: trained, options)
        guard compare else {
            if json { return try JSON.print(after) }
            return after.show()
        }
        var configuration = trained.configuration
        let base = ChosenModel(
            directory: try RunSession.base(&configuration), configuration: configuration)
        let before = try replies(of: base, options)
        if json { return try JSON.print(Comparison(base: before, trained: after)) }
        print(Terminal.faint("--- the base, \(trained.configuration.policy.model) ---"))
        before.show()
        print(Terminal.faint("--- trained, \(choice.run ?? "") ---"))
        after.show()
    }

    private struct Comparison: Encodable {
        let base, trained: AskReplies
    }

    /// The likeliest tokens, unless something asks for samples.
    private var chosenSampling: SamplingOptions {
        var options = sampling
        let samples = samples > 1 || options.seed != nil || options.topK != nil || options.topP < 1
        let temperature = options.temperature ?? (samples ? 1 : 0)
        options.temperature = temperature
        if temperature > 0, options.seed == nil { options.seed = .random(in: 0..<(1 << 32)) }
        return options
    }

    private func replies(of chosen: ChosenModel, _ options: SamplingOptions) throws -> AskReplies {
        let asked = Self.completed(question)
        let rules = try chosen.rules()
        let purpose = rules.isDirect(direct ? .direct : .evaluation) ? Purpose.direct : .evaluation
        do {
            _ = try chosen.tokenizer.encode(asked)
        } catch {
            throw CommandFailure(.usage, "the question cannot be asked: \(error)")
        }
        let prompt = rules.written(asked, purpose)
        let ids = try chosen.ids(of: prompt, rules)
        let settings = try chosen.sampling(options, rules, purpose)
        let model = try options.compute.generator(chosen)
        let traces = try Rollout(
            RoundID(step: 0, purpose: purpose), seed: options.seed ?? 0, prompts: [(0, ids)],
            samples: samples, settings
        ).finished(by: model)
        let format = FormatRule(tags: try chosen.configuration.thoughtTags())
        return AskReplies(
            seed: options.seed,
            replies: try traces.map {
                AskReply(
                    question: asked, prompt: prompt.text, try rules.submit($0).scored([]), format)
            })
    }

    /// The question with `=?` where digits and operators alone leave it out.
    static func completed(_ question: String) -> String {
        let isExpression =
            question.utf8.contains { (48...57).contains($0) }
            && question.utf8.allSatisfy { (48...57).contains($0) || "+-*/".utf8.contains($0) }
        return isExpression ? question + "=?" : question
    }
}
