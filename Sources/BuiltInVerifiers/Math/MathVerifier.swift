package import Reasoning

/// Accepts an answer that is mathematically equal: `\frac{1}{2}`, `0.5`, `50%` and `x = 1/2` are one number.
///
///     expected "2\sqrt{3}"       right: "so it is $\sqrt{12}$"      wrong: "3.46"
///     expected "(x+1)^2"         right: "\boxed{x^2 + 2x + 1}"      wrong: "x^2 + 1"
///     expected "[0, 1)"          right: "x \in [0, 1)"              wrong: "(0, 1)"
///
/// The answer may be prose: `AnswerExtraction` finds the part that answers. An answer is undecided when it cannot be computed in
/// the time that a verdict may take (`9^9^9^9`), and when its notation is not known here. Nothing is executed, and time and
/// memory are bounded on any input.
package struct MathVerifier: ReadingVerifier {
    package let name = "math"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard expected.utf8.count <= AnswerExtraction.partLimit else {
            throw .unreadableExpectation(
                verifier: name, expected: expected,
                reason: "it is longer than \(AnswerExtraction.partLimit) bytes")
        }
        guard Self.meaning(expected: expected) == nil else { return }
        throw .unreadableExpectation(
            verifier: name, expected: expected,
            reason:
                "it cannot be read as an expression, a set, an interval, an equation or words")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard let meaning = Self.meaning(expected: expected) else { return .undecided }
        if case .text(let words) = meaning, answer.text.utf8.count <= AnswerExtraction.partLimit,
            MathText.normalised(answer.text) == words
        {
            return .correct
        }
        guard let extraction = AnswerExtraction(answer.text) else { return .undecided }
        let found = extraction.found()
        guard let said = found.meaning else {
            // An answer without mathematics is wrong; one that may contain some is not judged.
            return found.text.utf8.contains { AnswerExtraction.isDigit($0) || $0 == 92 } ? .undecided : .wrong
        }
        return MathComparison.verdict(expected: meaning, answer: said)
    }

    func found(in answer: Answer) -> AnswerReading {
        guard let found = AnswerExtraction(answer.text)?.found() else {
            return AnswerReading(rule: .none, text: "")
        }
        return AnswerReading(rule: found.rule, text: found.text)
    }

    /// The whole expectation as one expression, else the part of it in `\boxed{}` or after `####`.
    private static func meaning(expected: String) -> MathExpression? {
        guard expected.utf8.count <= AnswerExtraction.partLimit else { return nil }
        if let meaning = MathParser.read(expected.unicodeScalars) { return meaning }
        guard let found = AnswerExtraction(expected)?.found() else { return nil }
        return found.rule == .boxed || found.rule == .hashes ? found.meaning : nil
    }
}
