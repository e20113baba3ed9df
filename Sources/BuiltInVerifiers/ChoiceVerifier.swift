package import Reasoning

/// Accepts the expected letter A to J as models write it.
///
///     expected "B"   right: B, b), (B) 42, B. 42, Option B, \boxed{\textbf{(B) }42}, "The answer is B because A is false"
///                    wrong: A or B, not B, B is wrong, BB, a letter for each option
///
/// `AnswerPart` finds the part that answers, and `ChoiceReading` the letter in it. An answer that names no letter, or more than
/// one, is wrong.
package struct ChoiceVerifier: ReadingVerifier {
    package let name = "choice"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard Self.letter(expected: expected) == nil else { return }
        throw .unreadableExpectation(
            verifier: name, expected: expected, reason: "it is not a letter from A to J")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard let expected = Self.letter(expected: expected) else { return .undecided }
        return Self.reading(answer.text)?.letter == expected ? .correct : .wrong
    }

    func found(in answer: Answer) -> AnswerReading {
        guard let (letter, rule) = Self.reading(answer.text) else {
            return AnswerReading(rule: .none, text: "")
        }
        return AnswerReading(rule: rule, text: String(letter))
    }

    /// The most lines of an answer that are read, from the last one back.
    private static let lineLimit = 20

    private static func letter(expected: String) -> Character? {
        AnswerPart(expected).flatMap { ChoiceReading.letter(in: $0.text) }
    }

    private static func reading(_ answer: String) -> (letter: Character, rule: AnswerReading.Rule)? {
        guard let part = AnswerPart(answer) else { return nil }
        if let letter = ChoiceReading.letter(in: part.text, isAnnounced: part.rule == .answerIs) {
            return (letter, part.rule)
        }
        // Text before the answer stands on lines of its own.
        let lines = part.text.split(whereSeparator: \.isNewline).filter { !String($0).trimmed.isEmpty }
        guard part.rule == .whole, lines.count > 1 else { return nil }
        let letters = lines.suffix(lineLimit).map { ChoiceReading.letter(in: AnswerPart.peeled(String($0))) }
        // A list of the options names several.
        guard let letter = letters.last ?? nil, letters.allSatisfy({ $0 == nil || $0 == letter }) else {
            return nil
        }
        return (letter, part.rule)
    }
}
