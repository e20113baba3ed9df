/// Scores responses: the format rule judges the form, the verifier judges the answer, and the reward rule weighs both.
///
///     let scorer = Scorer(tags: .think, verifier: try Verifiers.named("number"), rule: .standard)
///     scorer.score(response: "<think>17*3=51</think>51", finished: true, expected: "51").total   // 1.2
///
/// A worker scores the responses that it generates; the coordinator scores them again in the same way.
package struct Scorer: Sendable {
    package let format: FormatRule
    package let verifier: any Verifier
    package let rule: RewardRule

    package init(tags: ThoughtTags, verifier: any Verifier, rule: RewardRule) {
        format = FormatRule(tags: tags)
        self.verifier = verifier
        self.rule = rule
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
            return Submission(
                form: form, format: rule.mode == .accuracyOnly ? 0 : rule.format, answer: answer)
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

    /// The reward of a submission, given the verdict on its answer; the verdict is ignored without an answer.
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
