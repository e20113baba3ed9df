package import Reasoning

/// A trace and what the two rules say of it.
package struct ScoredTrace: Sendable, Hashable {
    package let trace: Trace
    /// The response as text, the end token left out.
    package let response: String
    /// Whether the response is in the form, whatever the form earns; nil when the question was asked directly.
    package let form: FormatRule.Form?
    /// The thought, as far as it was written; nil without one.
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

    /// Whether the answer is right and was read where it belongs: after a thought, unless the question was asked directly.
    package var isRight: Bool { reward.verdict == .correct && (form == nil || isInForm) }
}
