import Primitives

/// Says whether an answer is right, by rule.
///
/// It is handed an `Answer` and what was expected, and so has no way to see a thought. A verifier is cheap and
/// its work is bounded whatever the answer is; a policy will write every possible answer sooner or later.
package protocol Verifier: Sendable {
    /// Its name in a run configuration.
    var name: String { get }

    /// Throws `VerifierError.unreadableExpectation` when nothing could be right; sources are checked at load time.
    func check(expected: String) throws(VerifierError)

    /// `undecided` when the expectation cannot be read or the rule cannot tell; earns nothing and is counted.
    func verdict(on answer: Answer, expected: String) -> Verdict
}

/// A verifier that is not there, or an expectation that it cannot read.
package enum VerifierError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown(name: String, nearest: String?, known: [String])
    case unreadableExpectation(verifier: String, expected: String, reason: String)

    package var description: String {
        switch self {
        case .unknown(let name, let nearest, let known):
            "there is no verifier '\(name)'\(nearest.map { "; did you mean '\($0)'?" } ?? ";") "
                + "known are \(known.joined(separator: ", "))"
        case .unreadableExpectation(let verifier, let expected, let reason):
            "verifier '\(verifier)' cannot read the expected answer '\(expected.prefix(200))': \(reason)"
        }
    }
}

/// The verifiers that come with Ponder, by name.
package enum Verifiers {
    package static let all: [any Verifier] = [
        ExactVerifier(), NumberVerifier(), ChoiceVerifier(), CountdownVerifier(), MathVerifier(),
    ]

    /// Also of the one that a program of the user's stands behind.
    package static var names: [String] { all.map(\.name) + [ExternalVerifier.name] }

    /// Throws `VerifierError.unknown` with the nearest known name.
    package static func named(_ name: String) throws(VerifierError) -> any Verifier {
        if let verifier = all.first(where: { $0.name == name }) { return verifier }
        if name == ExternalVerifier.name { return ExternalVerifier() }
        throw .unknown(name: name, nearest: NearestName.first(name, among: names), known: names)
    }
}
