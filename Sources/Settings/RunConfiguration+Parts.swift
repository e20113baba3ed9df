import BuiltInVerifiers
package import Reasoning

/// Converts the configuration into values of Ponder's other types; none of these throws for a validated
/// configuration.
extension RunConfiguration {
    /// - Throws: `SettingError`.
    package func promptWriter() throws -> PromptWriter {
        let tags = try thoughtTags()
        return try PromptWriter(
            template: try PromptTemplate(prompt.template, tags: tags), tags: tags,
            prefill: prompt.prefill ?? "", examples: prompt.examples)
    }

    /// - Throws: `SettingError`.
    package func thoughtTags() throws -> ThoughtTags {
        try ThoughtTags(open: prompt.open, close: prompt.close)
    }

    /// The configuration as workers receive it: settings that no worker reads are fixed, so that a change of them
    /// at a resume gives a worker nothing to prepare again.
    package var forWorkers: RunConfiguration {
        var told = self
        told.steps = 0
        told.learning = LearningSettings()
        told.evaluation = EvaluationSettings()
        // Any configuration has at least this many held-out problems.
        told.evaluation.problems = 1
        told.checkpoint = CheckpointSettings()
        told.audit = AuditSettings()
        told.records = RecordSettings()
        told.deadlines = DeadlineSettings()
        return told
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
