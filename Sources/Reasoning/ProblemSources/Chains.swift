/// Chains of mixed operations, told in words.
///
///     try Chains(steps: 2...4, number: 2...9, limit: 999)
///     // Start with 7. Add 5. Multiply by 3. Subtract 4. What is the result?
///
/// The difficulty is how many operations there are. Every value on the way is a whole number from 0 to the limit.
package struct Chains: Sendable, Hashable, ProblemMaker {
    package let steps: ClosedRange<Int>
    /// The first value and every operand.
    package let number: ClosedRange<Int>
    package let limit: Int

    package static let name = "chain"
    package static let verifier = "number"

    /// Throws `SettingError` for no step or more than 32, numbers outside 1...1000, and a limit below the largest number.
    package init(
        steps: ClosedRange<Int> = 2...4, number: ClosedRange<Int> = 2...9, limit: Int = 999
    ) throws(SettingError) {
        try SettingError.check("problems.chain.steps", steps, within: 1...32)
        try SettingError.check("problems.chain.number", number, within: 1...1000)
        guard (number.upperBound * 2...1_000_000_000).contains(limit) else {
            throw SettingError(
                setting: "problems.chain.limit", value: "\(limit)",
                remedy: "it must be from twice the largest number (\(number.upperBound * 2)) to 1000000000")
        }
        self.steps = steps
        self.number = number
        self.limit = limit
    }

    package var difficulties: ClosedRange<Int> { steps }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        var value = generator.integer(in: number)
        var text = "Start with \(value)."
        for _ in 0..<difficulty {
            let operand = generator.integer(in: number)
            let possible = [
                ("Add \(operand).", value + operand), ("Subtract \(operand).", value - operand),
                ("Multiply by \(operand).", value * operand),
                ("Divide by \(operand).", value % operand == 0 ? value / operand : -1),
            ].filter { (0...limit).contains($0.1) }
            // With the limit at twice the largest number, a value can always be added to or subtracted from.
            guard let step = generator.element(of: possible) else { break }
            text += " " + step.0
            value = step.1
        }
        return Problem(
            Self.self, question: text + " What is the result?", expected: "\(value)", difficulty: difficulty)
    }
}
