package import Reasoning

/// Accepts an answer that is mathematically equal: `\frac{1}{2}`, `0.5`, `50%` and `x = 1/2` are one number.
///
///     expected "2\sqrt{3}"       right: "so it is $\sqrt{12}$"      wrong: "3.46"
///     expected "(x+1)^2"         right: "\boxed{x^2 + 2x + 1}"      wrong: "x^2 + 1"
///     expected "[0, 1)"          right: "x \in [0, 1)"              wrong: "(0, 1)"
///
/// The answer may be prose: `AnswerExtraction` finds the part that answers. An answer is undecided when it cannot be computed in
/// the time that a verdict may take (`9^9^9^9`), and when its notation is not known here. Nothing is executed, and time and
/// memory are bounded on any input.
package struct MathVerifier: ReadingVerifier {
    package let name = "math"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard expected.utf8.count <= AnswerExtraction.partLimit else {
            throw .unreadableExpectation(
                verifier: name, expected: expected,
                reason: "it is longer than \(AnswerExtraction.partLimit) bytes")
        }
        guard Self.meaning(expected: expected) == nil else { return }
        throw .unreadableExpectation(
            verifier: name, expected: expected,
            reason:
                "it cannot be read as an expression, a set, an interval, an equation or words")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        if Self.isSameText(answer.text, expected) { return .correct }
        guard let meaning = Self.meaning(expected: expected) else { return .undecided }
        guard let extraction = AnswerExtraction(answer.text) else { return .undecided }
        if meaning.isInWords, AnswerWords(extraction.words()).says(AnswerWords(expected)) { return .correct }
        let found = extraction.found()
        if !found.isDoubtful, Self.isSameText(found.text, expected) { return .correct }
        guard let said = found.meaning else {
            // An answer without mathematics is wrong; one that may contain some is not judged.
            return extraction.hasMathematics ? .undecided : .wrong
        }
        if meaning.isScore, let verdict = Self.scores(expected, found.text) { return verdict }
        let verdict = MathComparison.verdict(expected: meaning, answer: said)
        if verdict == .correct { return verdict }
        return Self.otherReadings(of: found, for: meaning).contains {
            MathComparison.verdict(expected: meaning, answer: $0, budget: MathComparison.budget / 4)
                == .correct
        } ? .correct : verdict
    }

    /// Text that equals the expectation is right even when it cannot be read, apart from white space, dollar signs and a box.
    private static func isSameText(_ answer: String, _ expected: String) -> Bool {
        guard answer.utf8.count <= expected.utf8.count + 200 else { return false }
        let text = bare(expected)
        return !text.isEmpty && bare(answer) == text
    }

    private static func bare(_ text: String) -> [Unicode.Scalar] {
        var scalars = MathCharacters.normalised(text).filter { !MathSymbols.isSpace($0) && $0 != "$" }[...]
        for box in ["\\boxed{", "\\fbox{"]
        where scalars.starts(with: box.unicodeScalars) && scalars.last == "}" {
            scalars = scalars.dropFirst(box.unicodeScalars.count).dropLast()
        }
        return Array(scalars)
    }

    /// What commas can mean besides: members of a list where one is expected, the decimal point where a number is.
    private static func otherReadings(of found: AnswerExtraction.Found, for expected: MathExpression)
        -> [MathExpression]
    {
        let text = Array(found.text.unicodeScalars)
        var readings: [MathExpression] = []
        if let said = found.meaning, let mixed = said.mixedNumber, expected.isScalar {
            readings.append(mixed)
        }
        guard text.contains(","), found.rule != .whole || text.count <= AnswerExtraction.partLimit else {
            return readings
        }
        let commas: MathTokenizer.Commas = expected.isCollection ? .members : .point
        guard expected.isCollection || expected.isScalar else { return readings }
        if let reading = MathParser.read(text, commas: commas) { readings.append(reading) }
        return readings
    }

    /// A score such as `3-2` is met by no number, and by no other score.
    private static func scores(_ expected: String, _ answer: String) -> Verdict? {
        guard !expected.contains(" ") else { return nil }
        guard let said = MathParser.read(MathCharacters.normalised(answer)), said.isScore else {
            return .undecided
        }
        return MathParser.read(MathCharacters.normalised(expected)) == said ? .correct : .wrong
    }

    func found(in answer: Answer) -> AnswerReading {
        guard let found = AnswerExtraction(answer.text)?.found() else {
            return AnswerReading(rule: .none, text: "")
        }
        return AnswerReading(rule: found.rule, text: found.text)
    }

    /// The whole expectation as one expression, else the part of it in `\boxed{}` or after `####`.
    private static func meaning(expected: String) -> MathExpression? {
        guard expected.utf8.count <= AnswerExtraction.partLimit else { return nil }
        let hasBox = expected.contains("\\boxed")
        if !hasBox, let meaning = MathParser.read(MathCharacters.normalised(expected)) { return meaning }
        guard let found = AnswerExtraction(expected)?.found() else { return nil }
        return found.rule == .boxed || found.rule == .hashes || hasBox ? found.meaning : nil
    }
}

extension MathExpression {
    /// Whether words or the letter of a choice are expected, alone or in a list.
    fileprivate var isInWords: Bool {
        switch self {
        case .text: true
        case .variable(let name): name.utf8.count == 1 && name.first?.isUppercase ?? false
        case .set(let members): members.isEmpty
        case .list(let members): members.allSatisfy(\.isInWords)
        case .product(let factors): factors.allSatisfy(\.isInWords)
        case .choice: false
        default: false
        }
    }

    /// Two whole numbers with a dash between them.
    fileprivate var isScore: Bool {
        guard case .sum(let parts) = self, parts.count == 2, case .number(let first) = parts[0],
            case .negative(.number(let second)) = parts[1]
        else { return false }
        return !first.isDecimal && !second.isDecimal
    }

    /// `2 and 1/2` as two and a half.
    fileprivate var mixedNumber: MathExpression? {
        guard case .list(let members) = self, members.count == 2, case .number(let whole) = members[0],
            !whole.isDecimal,
            case .quotient(.number(let above), .number(let below)) = members[1], let part = above.integer,
            let parts = below.integer, part < parts
        else { return nil }
        return .sum(members)
    }
}

extension AnswerExtraction {
    /// Whether the text holds a digit or a command.
    fileprivate var hasMathematics: Bool { text.contains { MathTokenizer.isDigit($0) || $0 == "\\" } }
}
