package import Reasoning

/// Accepts the expected number in any of its spellings: `1,234.50`, `+1234.5`, `$1234.5$` and `\boxed{1234.5}.` are one number.
///
/// Numbers are compared digit by digit, never as floating point. `AnswerPart` leaves out the marks around the number; what is
/// left must be the number alone.
package struct NumberVerifier: ReadingVerifier {
    package let name = "number"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard ExactNumber(expected) == nil else { return }
        throw .unreadableExpectation(
            verifier: name, expected: expected, reason: "it is not a number such as -1,234.5")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard let expected = ExactNumber(expected) else { return .undecided }
        return ExactNumber(found(in: answer).text) == expected ? .correct : .wrong
    }

    func found(in answer: Answer) -> AnswerReading {
        if ExactNumber(answer.text) != nil { return AnswerReading(rule: .whole, text: answer.text.trimmed) }
        guard let part = AnswerPart(answer.text), ExactNumber(part.text) != nil else {
            return AnswerReading(rule: .none, text: "")
        }
        return AnswerReading(rule: part.rule, text: part.text)
    }
}

/// The digits of a decimal number without leading or trailing zeros and without −0, so that equal numbers are equal values.
struct ExactNumber: Hashable {
    let isNegative: Bool
    let whole: String
    let fraction: String

    /// The longest text that is read, in bytes.
    static let limit = 1024

    /// Reads a sign, digits with or without well-placed thousands separators, decimals, and a final full stop.
    ///
    /// nil for anything else: exponents, fractions, units, two numbers, digits that are neither ASCII nor full-width.
    init?(_ text: String) {
        guard text.utf8.count <= Self.limit else { return nil }
        var rest = Substring(text.halfWidth.trimmed.withPlainSeparators)
        let hasMinus = rest.first == "-" || rest.first == "\u{2212}"
        if hasMinus || rest.first == "+" { rest = rest.dropFirst().drop { $0 == " " } }
        // A full stop ends a sentence; a decimal point has digits after it.
        if rest.last == "." { rest.removeLast() }
        let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let whole = Self.whole(first) else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard fraction.utf8.allSatisfy(Self.isDigit), !(whole.isEmpty && fraction.isEmpty),
            parts.count == 1 || !fraction.isEmpty
        else { return nil }
        self.whole = String(whole.drop { $0 == "0" })
        self.fraction = String(fraction.reversed().drop { $0 == "0" }.reversed())
        isNegative = hasMinus && !(self.whole.isEmpty && self.fraction.isEmpty)
    }

    /// The digits before the point; nil unless separators cut groups of three, as in `1,234,567`.
    private static func whole(_ text: Substring) -> String? {
        let groups = text.split(separator: ",", omittingEmptySubsequences: false)
        guard groups.allSatisfy({ $0.utf8.allSatisfy(isDigit) }) else { return nil }
        if groups.count > 1 {
            // A leading zero says that the comma is a decimal one: 0,123 is not 123.
            guard (1...3).contains(groups[0].count), groups[0].first != "0",
                groups.dropFirst().allSatisfy({ $0.count == 3 })
            else { return nil }
        }
        return groups.joined()
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}

extension String {
    /// The text with LaTeX's and typography's thousands separators as commas.
    fileprivate var withPlainSeparators: String {
        guard utf8.contains(where: { $0 == 92 || $0 == 123 || $0 >= 0x80 }) else { return self }
        return ["{,}", ",\\!", "\\,", "\\!", "\u{202F}", "\u{2009}", "\u{A0}"].reduce(self) {
            $0.replacing($1, with: ",")
        }
    }
}
