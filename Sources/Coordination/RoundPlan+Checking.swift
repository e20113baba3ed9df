package import Episodes
package import ModelFiles
import Reasoning
import Reinforcement
import Transformers

extension RoundPlan {
    /// Checks that the model can read its first prompts and has room left to answer.
    ///
    /// - Returns: the rules that ask and judge the run's problems.
    /// - Throws: `SettingError` for a stop string that is not one token, `ModelError` for a prompt that the
    ///   model cannot read.
    @discardableResult
    package func check(_ model: ModelDirectory) throws -> RolloutRules {
        let rules = try RolloutRules(
            configuration, endTokens: model.configuration.endTokens, model.tokenizer)
        guard !rules.ends.tokens.isEmpty else {
            throw ModelError(
                path: model.path,
                "names no token that ends a response; give eos_token_id in its generation_config.json, or prompt.stop in the run's "
                    + "configuration")
        }
        try rules.checkTemplateWords()
        let first = try training(step: 0, cursor: 0).flatMap(\.problems).map(\.problem)
        _ = try measuring(step: 0, .evaluation)
        for (problems, purpose) in [(first, Purpose.training), (heldOut, .evaluation), (heldOut, .direct)] {
            for problem in problems {
                let tokens: Int
                do {
                    tokens = try rules.prompt(for: problem, purpose).count
                } catch {
                    throw ModelError(
                        path: model.path, "cannot read the prompt of problem '\(problem.id)': \(error)")
                }
                let room = model.configuration.maximumPositions - rules.lengthLimit(purpose)
                guard (1...max(1, room)).contains(tokens) else {
                    throw ModelError(
                        path: model.path,
                        "has \(model.configuration.maximumPositions) positions; the prompt of problem '\(problem.id)' has "
                            + "\(tokens) tokens and its response may have \(rules.lengthLimit(purpose)): lower "
                            + "rollout.maxNewTokens, or shorten the prompt")
                }
            }
        }
        return rules
    }
}
