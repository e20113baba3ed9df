package import Reasoning

/// Stands for the user's own program, which `ExternalPrograms` asks; this type itself decides nothing.
///
/// Only the program knows which expectations it can read, so every expectation passes the check if there is a program.
package struct ExternalVerifier: Verifier {
    package static let name = "external"
    package var name: String { Self.name }
    package let program: [String]?

    /// - Parameter program: the program and its arguments; nil when the run has none.
    package init(program: [String]? = nil) { self.program = program }

    package func check(expected: String) throws(VerifierError) {
        guard program == nil else { return }
        throw .unusable(
            verifier: name, reason: "it needs its program: set verifier.command, as [python3, verify.py]")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict { .undecided }
}
