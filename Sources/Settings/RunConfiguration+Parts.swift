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
        try ThoughtTags(
            open: prompt.open, close: prompt.close, answerOpen: prompt.answerOpen,
            answerClose: prompt.answerClose)
    }

    /// The programs that judge answers, each once: that of the verifier `external`, then those of rewards.
    package var programs: [[String]] {
        ([verifier.command] + rewards.compactMap(\.command)).reduce(into: []) { programs, command in
            if !command.isEmpty, !programs.contains(command) { programs.append(command) }
        }
    }

    /// The verifiers that may judge a problem.
    ///
    /// - Throws: `VerifierError`.
    package func verifiers() throws(VerifierError) -> VerifierSet {
        let all = allVerifiers
        return VerifierSet(try Self.verifier(problems.verifierName, among: all), others: all)
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

    /// - Throws: `SettingError`, `VerifierError`.
    package func scorer() throws -> Scorer {
        let further = try rewards.map { reward in
            let verifier: any Verifier =
                switch reward.judge {
                case .verifier(let name): try Self.verifier(name, among: allVerifiers)
                case .command(let command): ExternalVerifier(program: command)
                }
            return WeightedVerifier(name: reward.name, weight: reward.weight, verifier: verifier)
        }
        return Scorer(
            tags: try thoughtTags(), verifiers: try verifiers(), rule: self.reward, further: further)
    }

    private var allVerifiers: [any Verifier] {
        Verifiers.named(math: verifier.math.read)
            + [ExternalVerifier(program: verifier.command.isEmpty ? nil : verifier.command)]
    }

    private static func verifier(
        _ name: String, among all: [any Verifier]
    ) throws(VerifierError) -> any Verifier {
        guard let verifier = all.first(where: { $0.name == name }) else {
            throw .unknown(name: name, among: all.map(\.name))
        }
        return verifier
    }

    /// Draws problems according to how often they were solved; nil when they are drawn in turn.
    package var curriculum: Curriculum? {
        problems.curriculum.enabled ? Curriculum(seed: seed, problems.curriculum) : nil
    }
}
