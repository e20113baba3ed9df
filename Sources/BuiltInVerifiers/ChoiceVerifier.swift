package import Reasoning

/// Accepts the expected letter A to E, written `B`, `b`, `B.`, `B)`, `(B)` or `(B).`.
package struct ChoiceVerifier: Verifier {
    package let name = "choice"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        guard Self.letter(expected) == nil else { return }
        throw .unreadableExpectation(
            verifier: name, expected: expected, reason: "it is not a letter from A to E")
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard let expected = Self.letter(expected) else { return .undecided }
        return Self.letter(answer.text) == expected ? .correct : .wrong
    }

    private static func letter(_ text: String) -> UInt8? {
        guard text.utf8.count <= 64 else { return nil }
        var bytes = Array(text.trimmed.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: ")") {
            bytes.removeLast()
            if bytes.first == UInt8(ascii: "(") { bytes.removeFirst() }
        }
        guard bytes.count == 1, let letter = bytes.first else { return nil }
        // Bit 0x20 tells the cases of ASCII letters apart.
        let upper = letter & ~0x20
        return (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(upper) && letter >= UInt8(ascii: "A")
            ? upper : nil
    }
}
