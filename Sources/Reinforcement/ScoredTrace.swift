package import Reasoning

/// A trace and what the two rules say of it.
package struct ScoredTrace: Sendable, Hashable {
    package let trace: Trace
    /// The response as text, the end token left out.
    package let response: String
    package let reward: Reward

    package init(trace: Trace, response: String, reward: Reward) {
        self.trace = trace
        self.response = response
        self.reward = reward
    }
}
