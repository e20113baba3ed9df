package import Reasoning

/// The part of an answer that a verifier judges, and the rule that found it.
///
///     AnswerReading(rule: .boxed, text: "\\frac{1}{2}")   // of "… so it is \boxed{\frac{1}{2}}."
package struct AnswerReading: Sendable, Hashable {
    /// The rules, in the order in which they are tried; the first that applies is used.
    package enum Rule: String, Sendable, Hashable, Codable, CaseIterable {
        /// The last `\boxed{…}`, and the boxes before it that are separated only by a comma, `and`, `or` or a name.
        case boxed
        /// The rest of the line after the last `####`.
        case hashes
        /// The rest of the sentence after the last `answer is` or `answer:`.
        case answerIs
        /// The whole answer, when it is one expression, one on each line, or words without a digit.
        case whole
        /// The last formula in `$…$`, `\(…\)` or `\[…\]`, with what belongs to it, unless mathematics follows it.
        case formula
        /// The last number, with all the mathematics that it is part of.
        case lastNumber
        /// Nothing in the text could be an answer.
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
    /// The part of an answer that is judged: the whole answer, unless the verifier searches for a part.
    package func reading(of answer: Answer) -> AnswerReading {
        (self as? any ReadingVerifier)?.found(in: answer) ?? AnswerReading(rule: .whole, text: answer.text)
    }
}

extension AcceptingVerifier: ReadingVerifier {
    func found(in answer: Answer) -> AnswerReading { base.reading(of: answer) }
}

/// A verifier that searches an answer for the part that it judges.
protocol ReadingVerifier: Verifier {
    func found(in answer: Answer) -> AnswerReading
}
