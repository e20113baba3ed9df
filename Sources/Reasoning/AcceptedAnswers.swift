/// The answers that count as right for one problem; `Problem.expected` holds them as one text.
///
///     AcceptedAnswers(["4", "four"]).text           // "4", U+001E (record separator), "four"
///     AcceptedAnswers(text: "4").answers            // ["4"]
package struct AcceptedAnswers: Sendable, Hashable {
    /// At least one.
    package let answers: [String]

    /// A control character that no answer may contain.
    static let separator: Character = "\u{1E}"

    /// - Parameter answers: at least one.
    package init(_ answers: [String]) { self.answers = answers }

    /// - Parameter text: the text of `Problem.expected`.
    package init(text: String) {
        answers =
            Self.isSeveral(text)
            ? text.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
            : [text]
    }

    package var text: String { answers.joined(separator: String(Self.separator)) }

    /// The answers for people: `4 or four`.
    package var shown: String { answers.joined(separator: " or ") }

    /// Whether the text holds several answers.
    static func isSeveral(_ text: String) -> Bool { text.utf8.contains(0x1E) }
}

/// A verifier that accepts each of several expected answers.
package struct AcceptingVerifier<Base: Verifier>: Verifier {
    package let base: Base
    package var name: String { base.name }
    package var program: [String]? { base.program }

    package init(_ base: Base) { self.base = base }

    /// One answer that can be met is enough.
    package func check(expected: String) throws(VerifierError) {
        guard AcceptedAnswers.isSeveral(expected) else { return try base.check(expected: expected) }
        var first: VerifierError?
        for answer in AcceptedAnswers(text: expected).answers {
            do throws(VerifierError) {
                return try base.check(expected: answer)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    /// The best of the verdicts; wrong when at least one is, undecided when all are.
    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard AcceptedAnswers.isSeveral(expected) else { return base.verdict(on: answer, expected: expected) }
        var best = Verdict.undecided
        for expected in AcceptedAnswers(text: expected).answers {
            let verdict = base.verdict(on: answer, expected: expected)
            if verdict == .correct { return verdict }
            if best == .undecided || verdict.credit > best.credit { best = verdict }
        }
        return best
    }
}
