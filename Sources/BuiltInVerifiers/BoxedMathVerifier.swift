package import Reasoning

/// Where the verifier `math` looks for the answer.
package enum MathPlace: String, Sendable, Hashable, CaseIterable {
    /// By all of its rules: a box, `####`, `answer is`, the whole text, the last formula or number.
    case anywhere
    /// In `\boxed{}` alone; an answer without a box is wrong.
    case boxed
}

/// The verifier `math`, strict about the form of an answer: only what stands in `\boxed{}` counts.
package struct BoxedMathVerifier: ReadingVerifier {
    private let math = MathVerifier()
    package var name: String { math.name }

    package init() {}

    package func check(expected: String) throws(VerifierError) { try math.check(expected: expected) }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        found(in: answer).rule == .boxed ? math.verdict(on: answer, expected: expected) : .wrong
    }

    func found(in answer: Answer) -> AnswerReading {
        let reading = math.found(in: answer)
        return reading.rule == .boxed ? reading : AnswerReading(rule: .none, text: "")
    }
}
