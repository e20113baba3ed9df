/// Scores responses: form by the format rule, answer by the verifier, both weighed by the reward rule.
///
///     let scorer = Scorer(tags: .think, verifier: try Verifiers.named("number"), rule: .standard)
///     scorer.score(response: "<think>17*3=51</think>51", finished: true, expected: "51").total   // 1.2
///
/// A worker scores what it generates and the coordinator scores it again, with this.
package struct Scorer: Sendable {
    package let format: FormatRule
    package let verifier: any Verifier
    package let rule: RewardRule

    package init(tags: ThoughtTags, verifier: any Verifier, rule: RewardRule) {
        format = FormatRule(tags: tags)
        self.verifier = verifier
        self.rule = rule
    }

    /// What a response earns; the end token is told by `finished` and is not part of the text.
    package func score(response: String, finished: Bool, expected: String) -> Reward {
        reward(submission(response: response, finished: finished), expected: expected)
    }

    /// What a response earns that was asked for without a thought: the whole of it is the answer.
    ///
    /// A response that was cut has no answer.
    package func score(direct response: String, finished: Bool, expected: String) -> Reward {
        reward(submission(direct: response, finished: finished), expected: expected)
    }

    // MARK: - In two steps, for answers that are judged elsewhere

    /// What a response earned by its shape, and the answer that is to be judged; nil when there is none.
    package struct Submission: Sendable, Hashable {
        package let format: Double
        package let answer: Answer?

        static let empty = Submission(format: 0, answer: nil)
    }

    package func submission(response: String, finished: Bool) -> Submission {
        switch format.form(of: response, finished: finished) {
        case .kept(let answer):
            Submission(format: rule.mode == .accuracyOnly ? 0 : rule.format, answer: answer)
        case .broken where rule.mode == .untagged:
            Submission(format: 0, answer: format.untaggedAnswer(in: response, finished: finished))
        case .broken: .empty
        }
    }

    /// Of a response that was asked for without a thought.
    package func submission(direct response: String, finished: Bool) -> Submission {
        finished && !response.isBlank ? Submission(format: 0, answer: Answer(direct: response)) : .empty
    }

    /// What a submission earns with a verdict on its answer; without an answer there is none.
    package func reward(_ submission: Submission, _ verdict: Verdict) -> Reward {
        guard submission.answer != nil else {
            return Reward(format: submission.format, accuracy: 0, verdict: nil)
        }
        let accuracy = rule.mode == .formatOnly ? 0 : rule.accuracy * verdict.credit
        return Reward(format: submission.format, accuracy: accuracy, verdict: verdict)
    }

    private func reward(_ submission: Submission, expected: String) -> Reward {
        reward(
            submission, submission.answer.map { verifier.verdict(on: $0, expected: expected) } ?? .undecided)
    }
}
