import ArgumentParser
import BuiltInVerifiers
import Coordination
import Episodes
import ExternalPrograms
import Foundation
import ModelFiles
import Primitives
import Reasoning
import Reinforcement
import RunStore
import Settings
import StrictConfiguration
import Tokenization
import Transformers

/// `ponder eval`: a model on a problem set.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract:
            "Measure a model on problems: how many it gets right, how many in the form, how long it thinks.",
        discussion: """
            Each problem is asked twice: once sampled with a fixed stream of random numbers, once greedily, which takes the \
            likeliest token at each position. An answer is right only in the form; all other figures are of the sampled \
            responses. With --temperature 0 it is asked greedily alone. With --direct only digits, \
            a minus sign and the end token may be sampled. Without --problems the held-out problems are asked: those of the \
            run with --run, else those of the configuration. A problems file has JSON lines {"question": …, "expected": …} \
            and is asked whole, in its order.

            Examples:
              ponder eval
              ponder eval --run runs/2026-11-24-bills --json
              ponder eval --run runs/2026-11-24-bills --direct
              ponder eval --problems problems.jsonl --verifier exact --count 100
              ponder eval --problems gsm8k/test.jsonl --format gsm8k --model my-model
              ponder eval --problems test.jsonl --fields answer=expected
              ponder eval --config my.yaml --set rollout.maxNewTokens=48
              ponder eval --problems problems.jsonl --verifier external --command 'python3 verify.py'
            """
    )

    @OptionGroup var choice: ModelChoice
    @OptionGroup var template: TemplateOption
    @OptionGroup var sampling: SamplingOptions

    @Option(help: ArgumentHelp("A file of JSON lines.", valueName: "file"))
    var problems: String?

    @Option(
        help: ArgumentHelp("Problems to ask. (default: those held out, or all of the file)", valueName: "n"))
    var count: Int?

    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "A YAML file of a run, for prompt, problems, verifier and, without --model and --run, the model; a later file wins.",
            valueName: "file"))
    var files: [String] = []

    @OptionGroup var changes: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "How a line of the file is written: \(ProblemFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"))
    var format: String?

    @Option(
        help: ArgumentHelp(
            "Names of a line's parts, as question=prompt,answer=info.gold; also id and difficulty.",
            valueName: "part=name"))
    var fields: [String] = []

    @Option(
        help: ArgumentHelp(
            "The rule that says whether an answer is right. (default: the run's; else math for a file)",
            valueName: "name"))
    var verifier: String?

    @OptionGroup var program: ProgramOptions

    @Flag(help: "Ask for the answer alone, without a thought.")
    var direct = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if let count, !(1...1_000_000).contains(count) {
            throw ValidationError("--count must be from 1 to 1000000.")
        }
    }

    func run() throws {
        let opened = try choice.open(RunConfiguration(yamlFiles: files))
        let chosen = try ChosenModel(
            directory: opened.directory, configuration: changed(opened.configuration), isRun: opened.isRun
        ).asking(template)
        var configuration = chosen.configuration
        if let verifier { configuration.problems.verifier = verifier }
        program.apply(to: &configuration)
        if verifier != nil, verifier != ExternalVerifier.name, program.command.isEmpty {
            configuration.verifier.command = []
        }
        if problems != nil, configuration.problems.verifier == nil {
            configuration.problems.verifier = MathVerifier().name
        }
        // Only what is right is measured.
        configuration.rewards = []
        let judge = try Judge(configuration)
        let asked = try askedProblems(configuration, judge.verifiers)
        configuration.reward = .standard
        let rules = try chosen.rules(configuration)
        let purpose = rules.isDirect(direct ? .direct : .evaluation) ? Purpose.direct : .evaluation
        let prompts = try asked.enumerated().map { place, problem in
            (problem: place, tokens: try chosen.ids(of: rules.written(problem.question, purpose), rules))
        }
        let settings = try chosen.sampling(sampling, rules, purpose)
        var greedy = settings
        greedy.temperature = 0

        let model = try sampling.compute.generator(chosen)
        let round = RoundID(step: 0, purpose: purpose)
        let ways = settings.temperature == 0 ? [greedy] : [settings, greedy]
        let progress = Progress()
        let clock = ContinuousClock()
        let start = clock.now
        var done = 0
        func measured(_ settings: Sampling) throws -> Episodes.Measurement {
            var scored: [ScoredTrace] = []
            for first in stride(from: 0, to: asked.count, by: Self.batch) {
                let part = first..<min(asked.count, first + Self.batch)
                let submitted = try Rollout(
                    round, seed: sampling.seed ?? 0, prompts: Array(prompts[part]), samples: 1, settings
                ).finished(by: model).map { try rules.submit($0) }
                let verdicts = try judge.verdicts(on: zip(asked[part], submitted).map { ($0, $1.answer) })
                scored += zip(submitted, verdicts).map { $0.scored($1.map { [$0] } ?? []) }
                done += part.count
                let seconds = (clock.now - start).seconds
                progress.update(
                    Progress.text("evaluating", done, of: ways.count * asked.count, seconds: seconds))
            }
            return try Measurement(Array(zip(asked, scored))) { trace in
                trace.isInForm ? try trace.thought.map { try chosen.tokenizer.encode($0).count } : nil
            }
        }
        let measurements = try ways.map(measured)
        progress.finish()
        let evaluation = Evaluation(
            model: chosen.directory.path, direct: purpose == .direct, measurements[0],
            greedy: measurements[ways.count - 1],
            tokens: measurements.reduce(0) { $0 + $1.all.tokens }, seconds: (clock.now - start).seconds)
        if json { try JSON.print(evaluation) } else { evaluation.show() }
    }

    /// Prompts computed together; fixed, so that the same call gives the same bits.
    private static let batch = 64

    /// The configuration with what the command line says about problems, and with every --set.
    private func changed(_ configuration: RunConfiguration) throws -> RunConfiguration {
        var configuration = configuration
        if let problems {
            var settings = ProblemSettings()
            settings.source = .jsonlines
            settings.path = problems
            settings.lines = configuration.problems.lines
            settings.verifier = verifier ?? configuration.problems.verifier
            configuration.problems = settings
        }
        var layers = try format.map { [try layer("problems.format=\($0)", "--format")] } ?? []
        for field in fields.flatMap({ $0.split(separator: ",") }) {
            layers.append(try layer("problems.fields.\(field)", "--fields"))
        }
        layers += try changes.layers()
        return layers.isEmpty ? configuration : try RunConfiguration(layers, over: configuration)
    }

    private func layer(_ assignment: String, _ option: String) throws -> ConfigurationLayer {
        try ConfigurationLayer(assignment: assignment, option: option)
    }

    private func askedProblems(_ configuration: RunConfiguration, _ verifiers: VerifierSet) throws
        -> [Problem]
    {
        if let path = problems {
            let set = try ProblemSet(path: path, verifiers: verifiers, options: configuration.problems.lines)
            for remark in set.remarks { StandardError.write(remark) }
            guard let count else { return set.problems }
            guard count <= set.problems.count else {
                throw ProblemSourceError.tooFew(
                    source: path, asked: count, found: set.problems.count, setting: "--count")
            }
            return Array(set.problems.prefix(count))
        }
        let run = try choice.run.map { try RunDirectory.existing(at: URL(filePath: $0)) }
        var configuration = configuration
        if let count {
            configuration.problems.heldOut = count
            configuration.evaluation.problems = count
        }
        do {
            return try RoundPlan(configuration, written: run?.problems(of: configuration)).heldOut
        } catch ProblemSourceError.tooFew(let source, let asked, let found, _) where count != nil {
            throw ProblemSourceError.tooFew(source: source, asked: asked, found: found, setting: "--count")
        }
    }
}
