package import Reasoning
import Reinforcement

/// The configuration as the parts of Ponder take it; of a validated configuration none of these throws.
extension RunConfiguration {
    /// - Throws: `SettingError`.
    package func promptWriter() throws -> PromptWriter {
        let tags = try thoughtTags()
        return try PromptWriter(
            template: try PromptTemplate(prompt.template, tags: tags), tags: tags,
            prefill: prompt.prefill ?? "",
            examples: prompt.examples)
    }

    /// - Throws: `SettingError`.
    package func thoughtTags() throws -> ThoughtTags {
        try ThoughtTags(open: prompt.open, close: prompt.close)
    }

    /// - Throws: `SettingError`.
    package func rewardRule() throws -> RewardRule {
        try RewardRule(accuracy: reward.accuracy, format: reward.format, mode: reward.mode)
    }

    /// Whether a program of the user's says what is right.
    package var usesProgram: Bool { problems.verifier == ExternalVerifier.name }

    /// - Throws: `SettingError`, `VerifierError`.
    package func scorer() throws -> Scorer {
        Scorer(
            tags: try thoughtTags(), verifier: try Verifiers.named(problems.verifier), rule: try rewardRule())
    }

    /// - Throws: `SettingError`.
    package func billSizes() throws -> Reasoning.Bills {
        let bills = problems.bills
        return try Reasoning.Bills(
            terms: bills.terms, price: bills.price, count: bills.count, single: bills.single,
            productShare: bills.productShare)
    }

    /// What makes the problems of a generated source; nil for the others.
    ///
    /// - Throws: `SettingError`.
    package func problemMaker() throws -> (any ProblemMaker)? {
        let sizes = problems
        return switch sizes.source {
        case .bills: try billSizes()
        case .sums: try Reasoning.Sums(terms: sizes.sums.terms, number: sizes.sums.number)
        case .countdown:
            try Countdowns(
                numbers: sizes.countdown.numbers, number: sizes.countdown.number,
                target: sizes.countdown.target)
        case .chain:
            try Chains(steps: sizes.chain.steps, number: sizes.chain.number, limit: sizes.chain.limit)
        case .sort: try Sortings(items: sizes.sort.items, number: sizes.sort.number)
        case .jsonlines, .external: nil
        }
    }

    /// How the lines of a file or a program are read.
    package var lineOptions: JSONLinesSource.Options {
        var options = JSONLinesSource.Options()
        options.format = problems.format
        options.fields = problems.fields
        options.difficulty = problems.difficulty == Problems.anyDifficulty ? nil : problems.difficulty
        options.skipsInvalid = problems.skipInvalid
        return options
    }

    /// Draws problems by how often they were solved; nil when they are drawn in turn.
    ///
    /// - Throws: `SettingError`.
    package func curriculum() throws -> Reasoning.Curriculum? {
        let settings = problems.curriculum
        guard settings.enabled else { return nil }
        return try Reasoning.Curriculum(seed: seed, revisit: settings.revisit, memory: settings.memory)
    }
}
