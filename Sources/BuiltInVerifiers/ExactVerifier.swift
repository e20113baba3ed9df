package import Reasoning

/// Right is what equals the expectation letter by letter, white space at both ends aside.
///
/// Equal as Unicode says: the same letters composed in another way are the same.
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
