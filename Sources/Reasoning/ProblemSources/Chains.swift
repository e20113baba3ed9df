package import StrictConfiguration

/// Chains of mixed operations, told in words.
///
///     try Chains { $0.steps = 2...3 }
///     // Start with 7. Add 5. Multiply by 3. Subtract 4. What is the result?
///
/// The difficulty is how many operations there are. Every value on the way is a whole number from 0 to the limit.
package struct Chains: ProblemMaker {
    @Setting(.range(within: 1...32), "operations of a chain")
    package var steps = 2...4
    @Setting(.range(within: 1...1000), "the first value and every operand")
    package var number = 2...9
    @Setting(.integer(2...1_000_000_000), "largest value on the way, at least twice the largest operand")
    package var limit = 999

    package static let name = "chain"
    package static let verifier = "number"

    package init() {}

    package func contradictions() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        faults.require(
            limit >= 2 * number.upperBound, "limit",
            "\(limit) is not allowed; give at least twice the largest operand (\(2 * number.upperBound))")
        return faults
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
