package import Reasoning

/// Accepts the expected text, letter by letter, ignoring white space at both ends.
///
/// Texts are compared by Unicode canonical equivalence, so a letter equals its decomposed form.
package struct ExactVerifier: Verifier {
    package let name = "exact"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard !expected.isBlank else {
            throw .unreadableExpectation(verifier: name, expected: expected, reason: "it is blank")
        }
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard !expected.isBlank else { return .undecided }
        return answer.text.trimmed == expected.trimmed ? .correct : .wrong
    }
}
