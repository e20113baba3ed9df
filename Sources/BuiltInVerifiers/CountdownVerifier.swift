package import Reasoning

/// Accepts an expression over the given numbers that makes the target.
///
///     expected {"numbers":[3,5,7],"target":22,"use":"all"}     right: 3 * 5 + 7     right: \boxed{(7 + 3 \times 5) = 22}
///
/// The expression consists of integers, `+ - * /` in any usual spelling, fractions, signs and parentheses. It uses every number
/// exactly once, or at most once with `"use":"any"`. It may be one side of an equation whose other sides are equal to the target.
/// `AnswerPart` leaves out the marks around it. Anything else is wrong. Values are exact fractions; a value that outgrows
/// 128 bits is undecided. Nothing is ever executed.
package struct CountdownVerifier: ReadingVerifier {
    package let name = "countdown"

    package init() {}

    package func check(expected: String) throws(VerifierError) {
        do {
            _ = try CountdownGoal.read(expected)
        } catch let error as SettingError {
            throw .unreadableExpectation(verifier: name, expected: expected, reason: "\(error)")
        } catch {
            throw .unreadableExpectation(
                verifier: name, expected: expected,
                reason: #"it must read {"numbers":[3,5,7],"target":22,"use":"all"}"#)
        }
    }

    package func verdict(on answer: Answer, expected: String) -> Verdict {
        guard let goal = try? CountdownGoal.read(expected) else { return .undecided }
        return verdict(on: answer, goal: goal)
    }

    package func verdict(on answer: Answer, goal: CountdownGoal) -> Verdict {
        guard let sides = Self.part(of: answer)?.equation?.sides else { return .wrong }
        let values = sides.map(\.value)
        if values.contains(.undefined) { return .wrong }
        guard sides.contains(where: { Self.usesAllowedNumbers($0, goal: goal) }) else { return .wrong }
        if values.contains(.tooLarge) { return .undecided }
        return values.allSatisfy { $0 == .number(Fraction(goal.target)) } ? .correct : .wrong
    }

    func found(in answer: Answer) -> AnswerReading {
        Self.part(of: answer).map { AnswerReading(rule: $0.rule, text: $0.text) }
            ?? AnswerReading(rule: .none, text: "")
    }

    /// The part that answers, with its equation if it is one.
    private static func part(
        of answer: Answer
    ) -> (rule: AnswerReading.Rule, text: String, equation: CountdownEquation?)? {
        guard let part = AnswerPart(answer.text) else { return nil }
        // Words before a colon announce the expression.
        let text = part.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isAnnounced = text.count == 2 && text[0].allSatisfy { $0.isLetter || $0.isWhitespace }
        let said = isAnnounced ? AnswerPart.peeled(String(text[1])) : part.text
        return (part.rule, said, CountdownEquation(said, numberLimit: CountdownGoal.countLimit))
    }

    private static func usesAllowedNumbers(_ side: CountdownEquation.Side, goal: CountdownGoal) -> Bool {
        var left = goal.numbers
        for leaf in side.numbers {
            // `-3` is the number -3 where there is one; else the sign is part of the computation.
            let negative = leaf.hasMinus ? left.firstIndex(of: -leaf.magnitude) : nil
            guard let index = negative ?? left.firstIndex(of: leaf.magnitude) else { return false }
            left.remove(at: index)
        }
        return goal.use == .any || left.isEmpty
    }
}
