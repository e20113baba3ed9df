package import Reasoning

/// The verifiers that come with Ponder, by name.
package enum Verifiers {
    package static let all = named(math: .anywhere)

    /// Every verifier that comes with Ponder.
    ///
    /// - Parameter math: where `math` looks for the answer.
    package static func named(math: MathPlace) -> [any Verifier] {
        [
            AcceptingVerifier(ExactVerifier()), AcceptingVerifier(NumberVerifier()),
            AcceptingVerifier(ChoiceVerifier()), AcceptingVerifier(CountdownVerifier()),
            math == .boxed ? AcceptingVerifier(BoxedMathVerifier()) : AcceptingVerifier(MathVerifier()),
        ]
    }

    /// The names of all verifiers, `external` included.
    package static var names: [String] { all.map(\.name) + [ExternalVerifier.name] }

    /// Throws `VerifierError.unknown` with the nearest known name.
    package static func named(_ name: String) throws(VerifierError) -> any Verifier {
        if let verifier = all.first(where: { $0.name == name }) { return verifier }
        if name == ExternalVerifier.name { return ExternalVerifier() }
        throw .unknown(name: name, among: names)
    }
}
