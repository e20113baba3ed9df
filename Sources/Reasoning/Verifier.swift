import Primitives

/// A rule that says whether an answer is right.
///
/// It receives an `Answer` and the expected answer, so it cannot see a thought. It must be cheap and its work must be bounded for
/// every answer, because a policy will write every possible answer sooner or later.
package protocol Verifier: Sendable {
    /// Its name in a run configuration.
    var name: String { get }

    /// Throws `VerifierError.unreadableExpectation` if no answer could be right. Sources are checked when they are loaded.
    func check(expected: String) throws(VerifierError)

    /// The program and its arguments that give the verdict in this verifier's place; nil when it decides itself.
    var program: [String]? { get }

    /// The verdict; `undecided` if the expectation cannot be read or the rule cannot decide.
    func verdict(on answer: Answer, expected: String) -> Verdict
}

extension Verifier {
    package var program: [String]? { nil }
}

/// An unknown verifier, or an expectation that the verifier cannot read.
package enum VerifierError: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown(name: String, nearest: String?, known: [String])
    /// The verifier cannot judge any answer.
    case unusable(verifier: String, reason: String)
    case unreadableExpectation(verifier: String, expected: String, reason: String)

    package static func unknown(name: String, among known: [String]) -> VerifierError {
        .unknown(name: name, nearest: NearestName.first(name, among: known), known: known)
    }

    package var description: String {
        switch self {
        case .unknown(let name, let nearest, let known):
            "there is no verifier '\(name)'\(nearest.map { "; did you mean '\($0)'?" } ?? ";") "
                + "known are \(known.joined(separator: ", "))"
        case .unusable(let verifier, let reason): "verifier '\(verifier)' cannot be used: \(reason)"
        case .unreadableExpectation(let verifier, let expected, let reason):
            "verifier '\(verifier)' cannot read the expected answer '\(expected.prefix(200))': \(reason)"
        }
    }
}
