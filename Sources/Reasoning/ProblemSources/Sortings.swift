/// Numbers to be sorted: `Sort from smallest to largest, separated by a comma and a space: 42, 7, 19`.
///
///     try Sortings(items: 3...6, number: 0...99)
///
/// The difficulty is how many numbers there are.
package struct Sortings: Sendable, Hashable, ProblemMaker {
    package let items: ClosedRange<Int>
    package let number: ClosedRange<Int>

    package static let name = "sort"
    package static let verifier = "exact"

    /// Throws `SettingError` for fewer than 2 or more than 64 numbers, or numbers outside 0...1,000,000.
    package init(
        items: ClosedRange<Int> = 3...6, number: ClosedRange<Int> = 0...99
    ) throws(SettingError) {
        try SettingError.check("problems.sort.items", items, within: 2...64)
        try SettingError.check("problems.sort.number", number, within: 0...1_000_000)
        self.items = items
        self.number = number
    }

    package var difficulties: ClosedRange<Int> { items }

    package func problem(difficulty: Int, using generator: inout SeededGenerator) -> Problem {
        func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
        let numbers = (0..<difficulty).map { _ in generator.integer(in: number) }
        return Problem(
            Self.self,
            question: "Sort from smallest to largest, separated by a comma and a space: \(list(numbers))",
            expected: list(numbers.sorted()), difficulty: difficulty)
    }
}
