package import Reasoning

/// What part of an answer a verifier judges, and the rule by which that part was found.
///
///     AnswerReading(rule: .boxed, text: "\\frac{1}{2}")   // of "… so it is \boxed{\frac{1}{2}}."
package struct AnswerReading: Sendable, Hashable {
    /// The first of these that applies, in this order.
    package enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
        /// The last `\boxed{…}`, with those that only a comma, `and` or `or` separates from it.
        case boxed
        /// What follows the last `####` on its line.
        case hashes
        /// What follows the last `answer is` or `answer:`, to the end of its sentence.
        case answerIs
        /// The answer is one expression, or words without a digit.
        case whole
        /// The last formula in `$…$`, `\(…\)` or `\[…\]`, unless a number follows it.
        case formula
        /// The last number, with a fraction or a computation that it is part of.
        case lastNumber
        /// There is nothing that could be an answer.
        case none
    }

    package let rule: Rule
    package let text: String

    package init(rule: Rule, text: String) {
        self.rule = rule
        self.text = text
    }
}

extension Verifier {
    /// The part of an answer that is judged; the whole of it, but for verifiers that look for it.
    package func reading(of answer: Answer) -> AnswerReading {
        (self as? any ReadingVerifier)?.found(in: answer) ?? AnswerReading(rule: .whole, text: answer.text)
    }
}

/// A verifier that looks for the part of an answer that it judges.
protocol ReadingVerifier: Verifier {
    func found(in answer: Answer) -> AnswerReading
}
