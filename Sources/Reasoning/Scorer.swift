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
        switch format.form(of: response, finished: finished) {
        case .kept(let answer):
            reward(answer, expected: expected, format: rule.mode == .accuracyOnly ? 0 : rule.format)
        case .broken where rule.mode == .untagged:
            reward(format.untaggedAnswer(in: response, finished: finished), expected: expected, format: 0)
        case .broken:
            Reward(format: 0, accuracy: 0, verdict: nil)
        }
    }

    /// What a response earns that was asked for without a thought: the whole of it is the answer.
    ///
    /// A response that was cut has no answer.
    package func score(direct response: String, finished: Bool, expected: String) -> Reward {
        reward(finished && !response.isBlank ? Answer(direct: response) : nil, expected: expected, format: 0)
    }

    private func reward(_ answer: Answer?, expected: String, format: Double) -> Reward {
        guard let answer else { return Reward(format: 0, accuracy: 0, verdict: nil) }
        let verdict = verifier.verdict(on: answer, expected: expected)
        let accuracy = verdict == .correct && rule.mode != .formatOnly ? rule.accuracy : 0
        return Reward(format: format, accuracy: accuracy, verdict: verdict)
    }
}
