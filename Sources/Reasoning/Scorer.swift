/// Scores responses: the format rule judges the form, verifiers judge the answer, and the reward rule weighs both.
///
///     let scorer = Scorer(tags: .think, verifier: try Verifiers.named("number"), rule: .standard)
///     scorer.score(response: "<think>17*3=51</think>51", finished: true, expected: "51").total   // 1.2
///
/// A worker scores the responses that it generates; the coordinator scores them again in the same way.
package struct Scorer: Sendable {
    package let format: FormatRule
    package let verifiers: VerifierSet
    package let rule: RewardRule
    /// The run's further rewards, in the order of the configuration.
    package let further: [WeightedVerifier]

    package init(
        tags: ThoughtTags, verifiers: VerifierSet, rule: RewardRule, further: [WeightedVerifier] = []
    ) {
        format = FormatRule(tags: tags)
        self.verifiers = verifiers
        self.rule = rule
        self.further = further
    }

    package init(tags: ThoughtTags, verifier: any Verifier, rule: RewardRule) {
        self.init(tags: tags, verifiers: VerifierSet(verifier), rule: rule)
    }

    /// The reward of a response with a thought.
    ///
    /// - Parameter finished: whether the response ended with the end token, which is not part of the text.
    package func score(response: String, finished: Bool, expected: String) -> Reward {
        reward(submission(response: response, finished: finished), expected: expected)
    }

    /// The reward of a response without a thought: the whole response is the answer, unless it was cut.
    package func score(direct response: String, finished: Bool, expected: String) -> Reward {
        reward(submission(direct: response, finished: finished), expected: expected)
    }

    // MARK: - In two steps, for answers that are judged elsewhere

    /// A response whose form is known and whose answer is to be judged.
    package struct Submission: Sendable, Hashable {
        /// Nil when the question was asked directly.
        package let form: FormatRule.Form?
        /// The reward for the form.
        package let format: Double
        /// Nil when there is no answer to judge.
        package let answer: Answer?
    }

    package func submission(response: String, finished: Bool) -> Submission {
        let form = format.form(of: response, finished: finished)
        if case .kept(let answer) = form {
            return Submission(form: form, format: rule.weightOfForm, answer: answer)
        }
        let untagged =
            rule.mode == .untagged ? format.untaggedAnswer(in: response, finished: finished) : nil
        return Submission(form: form, format: 0, answer: untagged)
    }

    /// The submission of a response without a thought.
    package func submission(direct response: String, finished: Bool) -> Submission {
        Submission(
            form: nil, format: 0, answer: finished && !response.isBlank ? Answer(direct: response) : nil)
    }

    /// Who judges the answers to a problem: its verifier, then the further rewards.
    ///
    /// An unknown verifier cannot come here from a problem source, which refuses it; its answers are undecided.
    package func judges(of problem: Problem) -> [any Verifier] {
        [(try? verifiers.verifier(of: problem)) ?? UnknownVerifier()] + further.map(\.verifier)
    }

    /// The verdicts of the judges that decide themselves; undecided where a program decides.
    package func verdicts(on answer: Answer, to problem: Problem) -> [Verdict] {
        judges(of: problem).map { $0.verdict(on: answer, expected: problem.expected) }
    }

    /// The reward of a submission.
    ///
    /// - Parameter verdicts: those of the judges, in their order; a missing one is undecided. They are ignored without an answer.
    package func reward(_ submission: Submission, _ verdicts: [Verdict]) -> Reward {
        guard submission.answer != nil else {
            return Reward(
                format: submission.format, accuracy: 0, verdict: nil,
                further: further.map { Reward.Part(name: $0.name, value: 0, verdict: nil) })
        }
        let verdict = verdicts.first ?? .undecided
        let parts = further.enumerated().map { index, reward in
            let verdict = index + 1 < verdicts.count ? verdicts[index + 1] : .undecided
            return Reward.Part(name: reward.name, value: reward.weight * verdict.credit, verdict: verdict)
        }
        let isUndecided =
            verdict == .undecided && rule.weightOfAnswer != 0
            || zip(parts, further).contains { $0.verdict == .undecided && $1.weight != 0 }
        return Reward(
            format: submission.format, accuracy: rule.weightOfAnswer * verdict.credit, verdict: verdict,
            further: parts, isExcluded: isUndecided && rule.undecided == .exclude)
    }

    private func reward(_ submission: Submission, expected: String) -> Reward {
        let problem = Problem(id: "", question: "", expected: expected, difficulty: 0)
        return reward(submission, submission.answer.map { verdicts(on: $0, to: problem) } ?? [])
    }

    private struct UnknownVerifier: Verifier {
        let name = ""
        func check(expected: String) throws(VerifierError) {}
        func verdict(on answer: Answer, expected: String) -> Verdict { .undecided }
    }
}

/// One of a run's further rewards: a verifier that judges every answer, and the weight of its verdict.
package struct WeightedVerifier: Sendable {
    package let name: String
    /// Multiplies the credit, which is 0 to 1; negative for what a policy should avoid.
    package let weight: Double
    package let verifier: any Verifier

    package init(name: String, weight: Double, verifier: any Verifier) {
        self.name = name
        self.weight = weight
        self.verifier = verifier
    }
}
