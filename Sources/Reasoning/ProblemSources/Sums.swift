import StrictConfiguration

/// Sums of a few numbers, spelled with spaces: `12 + 7 = ?`.
///
///     try Sums { $0.terms = 2...2 }
///
/// The difficulty is how many numbers there are.
package struct Sums: ProblemMaker {
    @Setting(.range(within: 2...16), "how many numbers are added")
    package var terms = 2...4
    @Setting(.range(within: 0...1_000_000), "each of the numbers")
    package var number = 1...99

    package static let name = "sums"
    package static let verifier = "number"

    package init() {}

    package var difficulties: ClosedRange<Int> { terms }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        let numbers = (0..<difficulty).map { _ in generator.integer(in: number) }
        return Problem(
            Self.self, question: numbers.map(String.init).joined(separator: " + ") + " = ?",
            expected: "\(numbers.reduce(0, +))", difficulty: difficulty)
    }
}
