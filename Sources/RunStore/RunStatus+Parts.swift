package import Reasoning
package import Reinforcement

extension RunStatus {
    /// A sampled response as `status` shows it.
    package struct Thought: Sendable, Hashable, Codable {
        /// The training step that learned from it.
        package let step: Int
        package let problemID: String
        package let question: String
        package let expected: String
        /// The beginning of the response.
        package let response: String
        /// Nil when there was no answer to judge.
        package let verdict: Verdict.Kind?
        /// Total reward.
        package let reward: Double

        /// The largest number of characters of each text.
        private static let limit = 400

        init(_ trace: StoredTrace) {
            self.init(
                step: trace.version + 1, problemID: trace.problemID, question: trace.question,
                expected: trace.expected, response: trace.response, trace.reward)
        }

        /// A trace of a group, as `RunDatabase.newestTrace` chooses it; nil without traces.
        package init?(_ groups: [TraceGroup], step: Int) {
            guard let group = groups.first, let scored = group.traces.first else { return nil }
            let asked = group.problem.problem
            self.init(
                step: step, problemID: asked.id, question: asked.question, expected: asked.expected,
                response: scored.response, scored.reward)
        }

        private init(
            step: Int, problemID: String, question: String, expected: String, response: String,
            _ reward: Reward
        ) {
            self.step = step
            self.problemID = problemID
            self.question = String(question.prefix(Self.limit))
            self.expected = String(expected.prefix(Self.limit))
            self.response = String(response.prefix(Self.limit))
            verdict = reward.verdict?.kind
            self.reward = reward.total
        }
    }

    /// An event as `status` shows it.
    package struct Event: Sendable, Hashable, Codable {
        /// Seconds since 1970.
        package let time: Double
        package let step: Int?
        package let kind: String
        /// The beginning of the message.
        package let message: String

        package init(_ event: EventRecord) {
            time = event.time
            step = event.step
            kind = event.kind
            message = String(event.message.prefix(400))
        }
    }
}
