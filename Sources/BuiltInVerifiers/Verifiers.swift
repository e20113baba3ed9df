import Primitives
package import Reasoning

/// The verifiers that come with Ponder, by name.
package enum Verifiers {
    package static let all: [any Verifier] = [
        ExactVerifier(), NumberVerifier(), ChoiceVerifier(), CountdownVerifier(), MathVerifier(),
    ]

    /// The names of all verifiers, `external` included.
    package static var names: [String] { all.map(\.name) + [ExternalVerifier.name] }

    /// Throws `VerifierError.unknown` with the nearest known name.
    package static func named(_ name: String) throws(VerifierError) -> any Verifier {
        if let verifier = all.first(where: { $0.name == name }) { return accepting(verifier) }
        if name == ExternalVerifier.name { return ExternalVerifier() }
        throw .unknown(name: name, nearest: NearestName.first(name, among: names), known: names)
    }

    private static func accepting(_ verifier: some Verifier) -> any Verifier { AcceptingVerifier(verifier) }
}
