import StrictConfiguration

/// Countdowns that can be solved: numbers, and a target that some expression over all of them makes.
///
///     try Countdowns { $0.target = 10...50 }
///
/// The difficulty is how many numbers there are. Every expression that makes the target is right, not only the one that the
/// problem was made with.
package struct Countdowns: ProblemMaker {
    @Setting(.range(within: 2...8), "how many numbers there are")
    package var numbers = 3...4
    @Setting(.range(within: 1...1000), "each of the numbers")
    package var number = 1...20
    @Setting(.range(within: 0...100_000), "the value that an expression over them must have")
    package var target = 10...99

    package static let name = "countdown"
    package static let verifier = "countdown"
    /// Sets of numbers that are tried before the ranges count as impossible.
    private static let triesLimit = 10_000

    package init() {}

    package var difficulties: ClosedRange<Int> { numbers }

    package func problem(
        difficulty: Int, using generator: inout SeededGenerator
    ) throws(ProblemSourceError) -> Problem {
        for _ in 0..<Self.triesLimit {
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
