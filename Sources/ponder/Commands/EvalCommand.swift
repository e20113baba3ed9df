import ArgumentParser
import Coordination
import Episodes
import ExternalPrograms
import Foundation
import ModelFiles
import Primitives
import Reasoning
import Reinforcement
import Rollouts
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
            One sample of each problem from a fixed stream of random numbers; right only in the form. With --direct only digits, \
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
    @OptionGroup var sampling: SamplingOptions

    @Option(help: ArgumentHelp("A file of JSON lines.", valueName: "file"))
    var problems: String?

    @Option(help: ArgumentHelp("Problems to ask. (default: 512, or all of the file)", valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp(
            "The rule that says whether an answer is right. (default: the run's, or number)",
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
        let chosen = try choice.open()
        var configuration = chosen.configuration
        if let verifier { configuration.problems.verifier = verifier }
        program.apply(to: &configuration)
        if verifier != nil, !configuration.usesProgram, program.command.isEmpty {
            configuration.verifier.command = []
        }
        let judge = try Judge(configuration)
        let scorer = Scorer(tags: try configuration.thoughtTags(), verifier: judge.verifier, rule: .standard)
        let asked = try askedProblems(configuration, scorer.verifier)
        let rules = try chosen.rules()
        let purpose = direct ? Purpose.direct : .evaluation
        let isDirect = rules.isDirect(purpose)
        let prompts = try asked.map { try chosen.encode(rules.written($0.question, purpose).whole) }
        let settings = try chosen.sampling(sampling, rules, purpose)

        let model = try sampling.compute.generator(chosen)
        let random = CounterRandom(seed: sampling.seed)
        let progress = Progress()
        let clock = ContinuousClock()
        let start = clock.now
        var outcomes: [Evaluation.Outcome] = []
        for first in stride(from: 0, to: asked.count, by: Self.batch) {
            let part = first..<min(asked.count, first + Self.batch)
            let all = try model.generate(Array(prompts[part]), samples: 1, settings) {
                random.uniform(
                    isDirect ? .direct : .evaluation, step: 0, problem: first + $0, sample: $1, position: $2)
            }
            let completions = all.joined()
            let responses = try completions.map { try rules.response($0.tokens, purpose) }
            let submissions = zip(responses, completions).map { response, completion in
                isDirect
                    ? scorer.submission(direct: response, finished: completion.ended)
                    : scorer.submission(response: response, finished: completion.ended)
            }
            let verdicts = try judge.verdicts(on: zip(asked[part], submissions).map { ($0, $1.answer) })
            for (place, completion) in completions.enumerated() {
                let (problem, response) = (asked[first + place], responses[place])
                let reward = scorer.reward(submissions[place], verdicts[place] ?? .undecided)
                let thought = reward.format > 0 ? scorer.format.thought(in: response) : nil
                outcomes.append(
                    Evaluation.Outcome(
                        difficulty: problem.difficulty, reward: reward, tokens: completion.tokens.count,
                        thought: try thought.map { try chosen.tokenizer.encode($0).count }))
            }
            progress.update("\(outcomes.count) of \(asked.count) problems")
        }
        progress.finish()
        let evaluation = Evaluation(
            model: chosen.directory.path, direct: isDirect, outcomes: outcomes,
            seconds: (clock.now - start).seconds)
        if json { try JSON.print(evaluation) } else { evaluation.show() }
    }

    /// Prompts computed together; fixed, so that the same call gives the same bits.
    private static let batch = 64

    private func askedProblems(_ configuration: RunConfiguration, _ verifier: any Verifier) throws
        -> [Problem]
    {
        if let path = problems {
            // With this split hardly any question is held out: the file is asked whole.
            let source = try JSONLinesSource(
                path: path, verifier: verifier, seed: 0, split: HeldOut(oneIn: .max),
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
