import Testing

@testable import Reasoning

@Suite struct SelfCheckTests {
    private func counts(_ thought: String) -> [Int] {
        let found = SelfChecks(in: thought)
        return [found.words, found.restarts, found.recomputations, found.corrections]
    }

    @Test(arguments: [
        ("", [0, 0, 0, 0]),
        ("8*7=56,9*4=36,56+35=91", [0, 0, 0, 0]),
        ("8*7=54, wait, 8*7=56", [1, 0, 0, 1]),
        ("8*7=56, check again: 8 * 7 = 56", [1, 0, 1, 0]),
        ("8*7=56,8*7=56,8*7=56", [0, 0, 2, 0]),
        ("8*7=54,8*7=56,8*7=54", [0, 0, 0, 2]),
        ("Hmm. That's wrong, let me start over.", [2, 1, 0, 0]),
        ("WAIT! Actually 3 × 4 = 12, no: 3×4=13", [2, 0, 0, 1]),
        ("3 ÷ 2 = 1.5 and 3 ÷ 2 = 1.4", [0, 0, 0, 1]),
        ("$20 * 3 = $60. So 20*3=60.", [0, 0, 1, 0]),
        ("I have 3. 4+5=9 and 4+5=9", [0, 0, 1, 0]),
        ("2-5=-3, 2-5=3", [0, 0, 0, 1]),
        ("잠깐, 처음부터 다시 계산하자", [2, 1, 0, 0]),
        ("等等，不对，重新算", [2, 1, 0, 0]),
    ])
    func `the rules count what they say`(thought: String, expected: [Int]) {
        #expect(counts(thought) == expected)
    }

    @Test(arguments: [
        "a waiter awaits", "factually", "x=3, x=4", "so 5=5 and 5=5", "=", "8*7=", "*=*", "-3=3,-3=4",
        "restart overnight",
    ])
    func `what only looks like a check is none`(thought: String) {
        #expect(counts(thought) == [0, 0, 0, 0])
    }

    @Test func `a longer phrase counts once, and every phrase is found by itself`() {
        #expect(counts("let me double-check again") == [1, 0, 0, 0])
        for phrase in SelfChecks.words {
            #expect(counts("1 \(phrase.uppercased()).") == [1, 0, 0, 0], "\(phrase)")
        }
        for phrase in SelfChecks.restarts { #expect(counts("1 \(phrase).") == [0, 1, 0, 0], "\(phrase)") }
    }

    @Test func `hostile thoughts of 100,000 bytes take a moment`() {
        let start = ContinuousClock.now
        for piece in ["=", "1+", "1+1=2", "wait", "let me ", "((((", ".", "\u{D7}"] {
            _ = counts(String(repeating: piece, count: 100_000 / piece.utf8.count))
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
