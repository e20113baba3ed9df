/// Sums of a few numbers, spelled with spaces: `12 + 7 = ?`.
///
///     try Sums(terms: 2...2, number: 1...20)
///
/// The difficulty is how many numbers there are.
package struct Sums: Sendable, Hashable, ProblemMaker {
    package let terms: ClosedRange<Int>
    package let number: ClosedRange<Int>

    package static let name = "sums"
    package static let verifier = "number"

    /// Throws `SettingError` for sums of fewer than 2 or more than 16 terms, or of numbers outside 0...1,000,000.
    package init(
        terms: ClosedRange<Int> = 2...4, number: ClosedRange<Int> = 1...99
    ) throws(SettingError) {
        try SettingError.check("problems.sums.terms", terms, within: 2...16)
        try SettingError.check("problems.sums.number", number, within: 0...1_000_000)
        self.terms = terms
        self.number = number
    }

    package var difficulties: ClosedRange<Int> { terms }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        let numbers = (0..<difficulty).map { _ in generator.integer(in: number) }
        return Problem(
            Self.self, question: numbers.map(String.init).joined(separator: " + ") + " = ?",
            expected: "\(numbers.reduce(0, +))", difficulty: difficulty)
    }
}
