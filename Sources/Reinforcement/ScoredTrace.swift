package import Reasoning

/// A trace with the results of the two reward rules.
package struct ScoredTrace: Sendable, Hashable {
    package let trace: Trace
    /// The response as text, the end token left out.
    package let response: String
    /// The form that the response has, whether or not the form earns a reward; nil when the question was
    /// asked directly.
    package let form: FormatRule.Form?
    /// The thought, or the part of it that was written; nil when there is none.
    package let thought: String?
    package let reward: Reward

    package init(
        trace: Trace, response: String, form: FormatRule.Form?, thought: String?, reward: Reward
    ) {
        self.trace = trace
        self.response = response
        self.form = form
        self.thought = thought
        self.reward = reward
    }

    package var isInForm: Bool {
        if case .kept = form { true } else { false }
    }

    /// Whether the answer is right and in the right place: after a thought, unless the question was asked
    /// directly.
    package var isRight: Bool { reward.verdict == .correct && (form == nil || isInForm) }
}
