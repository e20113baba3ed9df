package import Reasoning

/// Accepts an expression over the given numbers that makes the target.
///
///     expected {"numbers":[3,5,7],"target":22,"use":"all"}     right: 3 * 5 + 7     right: (7+3×5) = 22
///
/// The expression consists of integers, `+ - * /` or `× ÷ −`, and parentheses. It uses every number exactly once, or at most
/// once with `"use":"any"`. It may end with `= 22` if that is true. Anything else is wrong. Values are exact fractions; a value
/// that outgrows 128 bits is undecided. Nothing is ever executed.
package struct CountdownVerifier: Verifier {
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
        guard let equation = CountdownEquation(answer.text, numberLimit: goal.numbers.count),
            usesAllowedNumbers(equation, goal: goal),
            equation.claimed == nil || equation.claimed == goal.target
        else { return .wrong }
        return switch equation.value {
        case .number(let value): value == Fraction(goal.target) ? .correct : .wrong
        case .undefined: .wrong
        case .tooLarge: .undecided
        }
    }

    private func usesAllowedNumbers(_ equation: CountdownEquation, goal: CountdownGoal) -> Bool {
        var left = goal.numbers
        for number in equation.numbers {
            guard let index = left.firstIndex(of: number) else { return false }
            left.remove(at: index)
        }
        return goal.use == .any || left.isEmpty
    }
}
