import Coordination
import Episodes
import ModelFiles
import Reasoning
import Reinforcement
import Settings
import Tokenization

/// The first training problem of a run, as the model receives it.
struct PromptPreview: Encodable {
    let problem: Problem
    /// The prompt with the tokenizer's begin tokens, up to the beginning of the response.
    let prompt: String
    /// The beginning of the response, written for the model.
    let prefill: String
    /// The prompt that asks for the answer alone.
    let direct: String
    let stop: [String]
    /// Tokens of prompt and prefill.
    let tokens: Int

    /// Checks the prompt as a run does at its start.
    ///
    /// - Parameter keepsFifth: as for `RoundPlan`.
    init(_ configuration: RunConfiguration, keepsFifth: Bool) throws {
        var configuration = configuration
        let base = try RunSession.base(&configuration)
        let plan = try RoundPlan(configuration, keepsFifth: keepsFifth)
        let rules = try plan.check(base)
        problem = try plan.source.trainingProblem(0)
        let written = rules.written(problem.question, .training)
        let begin = try rules.beginTokens(before: base.tokenizer.encode(written.whole))
        prompt = try base.tokenizer.decode(begin) + written.text
        prefill = written.prefill
        direct = rules.written(problem.question, .direct).whole
        stop = configuration.prompt.stop
        tokens = try rules.prompt(for: problem, .training).count
    }

    func show() {
        func section(_ title: String, _ text: String) {
            print(Terminal.faint("--- \(title) ---"))
            print(text)
        }
        section("the prompt of \(problem.id), \(tokens) tokens with what is prefilled", prompt)
        if !prefill.isEmpty { section("prefilled: the response begins with it", prefill) }
        let ends = ["the end token"] + stop.map { String(reflecting: $0) }
        section("a response ends with", ends.joined(separator: ", "))
        section("the same problem asked directly", direct)
        section("expected", AcceptedAnswers(text: problem.expected).shown)
    }
}
