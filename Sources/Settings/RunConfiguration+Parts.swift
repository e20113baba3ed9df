import BuiltInVerifiers
package import Reasoning

/// Converts the configuration into values of Ponder's other types; none of these throws for a validated
/// configuration.
extension RunConfiguration {
    /// - Throws: `SettingError`.
    package func promptWriter() throws -> PromptWriter {
        let tags = try thoughtTags()
        guard prompt.template != PromptTemplate.ofModel else {
            throw SettingError(
                setting: "prompt.template", value: prompt.template,
                remedy: "the chat template of the model's folder was not read yet")
        }
        return try PromptWriter(
            template: try PromptTemplate(prompt.template, tags: tags), tags: tags,
            prefill: prompt.prefill ?? "", examples: prompt.examples)
    }

    /// - Throws: `SettingError`.
    package func thoughtTags() throws -> ThoughtTags {
        try ThoughtTags(open: prompt.open, close: prompt.close)
    }

    /// Whether a user's program judges the answers.
    package var usesProgram: Bool { problems.verifier == ExternalVerifier.name }

    /// - Throws: `SettingError`, `VerifierError`.
    package func scorer() throws -> Scorer {
        Scorer(tags: try thoughtTags(), verifier: try Verifiers.named(problems.verifier), rule: reward)
    }

    /// Draws problems according to how often they were solved; nil when they are drawn in turn.
    package var curriculum: Curriculum? {
        problems.curriculum.enabled ? Curriculum(seed: seed, problems.curriculum) : nil
    }
}
