import StrictConfiguration

/// Numbers to be sorted: `Sort from smallest to largest, separated by a comma and a space: 42, 7, 19`.
///
///     try Sortings { $0.items = 3...6 }
///
/// The difficulty is how many numbers there are.
package struct Sortings: ProblemMaker {
    @Setting(.range(within: 2...64), "how many numbers are sorted")
    package var items = 3...6
    @Setting(.range(within: 0...1_000_000), "each of the numbers")
    package var number = 0...99

    package static let name = "sort"
    package static let verifier = "exact"

    package init() {}

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
