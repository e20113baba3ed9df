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
            run with --run, else those of the embedded default. A problems file has JSON lines {"question": …, "expected": …} \
            and is asked whole, in its order.

            Examples:
              ponder eval
              ponder eval --run runs/2026-11-24-bills --json
              ponder eval --run runs/2026-11-24-bills --direct
              ponder eval --problems problems.jsonl --verifier exact --count 100
              ponder eval --problems problems.jsonl --verifier external --command 'python3 verify.py'
            """
    )

    @OptionGroup var choice: ModelChoice
    @OptionGroup var template: TemplateOption
    @OptionGroup var sampling: SamplingOptions

    @Option(help: ArgumentHelp("A file of JSON lines.", valueName: "file"))
    var problems: String?

    @Option(help: ArgumentHelp("Problems to ask. (default: 512, or all of the file)", valueName: "n"))
    var count: Int?

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
        let chosen = try choice.open().asking(template)
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

    private func askedProblems(_ configuration: RunConfiguration, _ verifiers: VerifierSet) throws
        -> [Problem]
    {
        if let path = problems {
            // With this split hardly any question is held out: the file is asked whole.
            let source = try JSONLinesSource(
                path: path, verifier: verifiers.standard, others: verifiers.others, seed: 0,
                split: HeldOut(oneIn: .max),
                options: configuration.problems.lines)
            let all = source.training + source.held
            guard let count else { return all }
            guard count <= all.count else {
                throw ProblemSourceError.tooFew(source: path, asked: count, found: all.count)
            }
            return Array(all.prefix(count))
        }
        let count = count ?? configuration.evaluation.problems
        let run = try choice.run.map { try RunDirectory.existing(at: URL(filePath: $0)) }
        var configuration = configuration
        configuration.problems.heldOut = count
        configuration.evaluation.problems = count
        return try RoundPlan(configuration, written: run?.problems(of: configuration)).heldOut
    }
}
