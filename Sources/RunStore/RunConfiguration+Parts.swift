package import Reasoning
package import Reinforcement

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

    /// - Throws: `SettingError`.
    package func sums() throws -> Reasoning.Sums {
        try Reasoning.Sums(terms: problems.sums.terms, number: problems.sums.number)
    }

    /// How patient workers are.
    package var workerTiming: WorkerTiming {
        WorkerTiming(
            ping: .seconds(deadlines.ping), silence: .seconds(deadlines.silence),
            gone: .seconds(deadlines.coordinatorGone), grace: .seconds(deadlines.grace))
    }

    /// Sets what a run's configuration says of its coordinator; the rest stays as it is.
    package func configure(_ coordinator: inout CoordinatorState.Configuration) {
        coordinator.timing = workerTiming
        coordinator.lengthLimits[.training] = rollout.maxNewTokens
        coordinator.silence = .seconds(deadlines.silence)
        coordinator.lease = .seconds(deadlines.lease)
        coordinator.resend = .seconds(deadlines.resend)
        coordinator.straggler = .seconds(deadlines.straggler)
    }
}
