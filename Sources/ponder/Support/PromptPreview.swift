import Coordination
import Episodes
import Reasoning
import Reinforcement
import Settings

/// The first training problem of a run, as the model receives it.
struct PromptPreview: Encodable {
    let problem: Problem
    /// The prompt, up to the beginning of the response.
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
        let plan = try RoundPlan(configuration, keepsFifth: keepsFifth)
        let rules = try plan.check(RunSession.base(configuration))
        problem = try plan.source.trainingProblem(0)
        let written = rules.written(problem.question, .training)
        prompt = written.text
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
