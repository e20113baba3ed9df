/// Solvable countdowns: numbers, and a target that some expression over all of them makes.
///
///     try Countdowns(numbers: 3...4, number: 1...20, target: 10...99)
///
/// The difficulty is how many numbers there are. Any expression that makes the target is right, not only the one that the
/// problem was made with.
package struct Countdowns: Sendable, Hashable, ProblemMaker {
    /// How many numbers there are.
    package let numbers: ClosedRange<Int>
    /// Each of them.
    package let number: ClosedRange<Int>
    package let target: ClosedRange<Int>

    package static let name = "countdown"
    package static let verifier = "countdown"
    /// Sets of numbers that are tried before the ranges count as impossible.
    private static let patience = 10_000

    /// Throws `SettingError` for fewer than 2 or more than 8 numbers, and for numbers or targets that are too large.
    package init(
        numbers: ClosedRange<Int> = 3...4, number: ClosedRange<Int> = 1...20,
        target: ClosedRange<Int> = 10...99
    ) throws(SettingError) {
        try SettingError.check("problems.countdown.numbers", numbers, within: 2...8)
        try SettingError.check("problems.countdown.number", number, within: 1...1000)
        try SettingError.check("problems.countdown.target", target, within: 0...100_000)
        self.numbers = numbers
        self.number = number
        self.target = target
    }

    package var difficulties: ClosedRange<Int> { numbers }

    package func problem(
        difficulty: Int, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Problem {
        for _ in 0..<Self.patience {
            let numbers = (0..<difficulty).map { _ in generator.integer(in: number) }
            guard let value = Self.value(of: numbers, using: &generator), target.contains(value),
                let goal = try? CountdownGoal(numbers: numbers, target: value)
            else { continue }
            return goal.problem
        }
        throw .cannotMake(
            source: Self.name,
            reason:
                "no expression over \(difficulty) numbers within \(number) was found that makes a target within "
                + "\(target); widen problems.countdown.target")
    }

    /// Combines two of the numbers at a time until one is left; nil if a result is negative, not whole or too large.
    private static func value(of numbers: [Int], using generator: inout SeededGenerator) -> Int? {
        var left = numbers
        while left.count > 1 {
            let first = left.remove(at: generator.integer(in: 0...(left.count - 1)))
            let second = left.remove(at: generator.integer(in: 0...(left.count - 1)))
            switch generator.integer(in: 0...3) {
            case 0: left.append(first + second)
            case 1 where first >= second: left.append(first - second)
            case 2 where first * second <= CountdownGoal.sizeLimit: left.append(first * second)
            case 3 where second != 0 && first % second == 0: left.append(first / second)
            default: return nil
            }
        }
        return left.first
    }
}
