/// The verifiers that judge a run's problems: the run's own, and those that a problem may name instead.
package struct VerifierSet: Sendable {
    package let standard: any Verifier
    package let others: [any Verifier]

    /// - Parameter others: the verifiers that a problem may name.
    package init(_ standard: any Verifier, others: [any Verifier] = []) {
        self.standard = standard
        self.others = others
    }

    /// The verifier of a problem: the one that it names, or the run's.
    ///
    /// - Throws: `VerifierError.unknown`.
    package func verifier(of problem: Problem) throws(VerifierError) -> any Verifier {
        guard let name = problem.verifier, name != standard.name else { return standard }
        guard let verifier = others.first(where: { $0.name == name }) else {
            throw .unknown(name: name, among: [standard.name] + others.map(\.name))
        }
        return verifier
    }
}
