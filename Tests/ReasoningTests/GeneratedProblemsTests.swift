import BuiltInVerifiers
import StrictConfiguration
import Testing

@testable import Reasoning

/// What the generated sources ask, beyond what `GeneratedSourceTests` says of all of them.
struct GeneratedProblemsTests {
    private func problems<Maker: ProblemMaker>(_ maker: Maker, _ count: Int = 300) throws -> [Problem] {
        let source = GeneratedSource(maker, seed: 1)
        let problems = try (0..<count).map(source.trainingProblem)
        let held = try source.heldOut(20)
        #expect(Set(problems.map(\.question)).isDisjoint(with: held.map(\.question)))
        #expect(Set((problems + held).map(\.difficulty)) == Set(maker.difficulties))
        let verifier = try Verifiers.named(Maker.verifier)
        for problem in problems + held { try verifier.check(expected: problem.expected) }
        return problems
    }

    @Test func `a countdown has a solution`() throws {
        let countdowns = try Countdowns {
            $0.numbers = 2...4
            $0.number = 1...12
            $0.target = 5...40
        }
        for problem in try problems(countdowns, 60) {
            let goal = try CountdownGoal.read(problem.expected)
            #expect(goal.numbers.count == problem.difficulty && (5...40).contains(goal.target))
            #expect(goal.numbers.allSatisfy((1...12).contains) && goal.use == .all)
            #expect(Self.solvable(goal.numbers.map(Double.init), Double(goal.target)), "\(problem.question)")
        }
    }

    /// By trying every way to join two numbers.
    private static func solvable(_ numbers: [Double], _ target: Double) -> Bool {
        if numbers.count == 1 { return abs(numbers[0] - target) < 1e-9 }
        for a in numbers.indices {
            for b in numbers.indices where a != b {
                let rest = numbers.indices.filter { $0 != a && $0 != b }.map { numbers[$0] }
                let (x, y) = (numbers[a], numbers[b])
                for value in [x + y, x - y, x * y] + (y == 0 ? [] : [x / y])
                where solvable(rest + [value], target) {
                    return true
                }
            }
        }
        return false
    }

    @Test func `targets that no numbers make are an error, not an endless search`() throws {
        let countdowns = try Countdowns {
            $0.numbers = 2...2
            $0.number = 1...2
            $0.target = 90000...100_000
        }
        #expect { try GeneratedSource(countdowns, seed: 1).trainingProblem(0) } throws: {
            "\($0)".contains("widen problems.countdown.target")
        }
    }

    @Test func `a chain's words lead to its value, all on the way whole and within the limit`() throws {
        let chains = try Chains {
            $0.steps = 1...5
            $0.number = 1...9
            $0.limit = 60
        }
        for problem in try problems(chains) {
            let words = problem.question.split(whereSeparator: { " .".contains($0) }).map(String.init)
            var value = 0
            var steps = 0
            for place in words.indices {
                guard let number = Int(words[place]) else { continue }
                switch words[place - 1] {
                case "with": value = number
                case "Add": value += number
                case "Subtract": value -= number
                case "by" where words[place - 2] == "Multiply": value *= number
                case "by":
                    #expect(value % number == 0)
                    value /= number
                default: Issue.record("\(problem.question)")
                }
                steps += words[place - 1] == "with" ? 0 : 1
                #expect((0...60).contains(value))
            }
            #expect("\(value)" == problem.expected && steps == problem.difficulty)
        }
    }

    @Test func `sorted numbers are the same numbers in order`() throws {
        let sortings = try Sortings {
            $0.items = 2...5
            $0.number = 0...30
        }
        for problem in try problems(sortings) {
            func numbers(_ text: some StringProtocol) -> [Int] {
                text.split(separator: ", ").compactMap { Int($0) }
            }
            let asked = numbers(try #require(problem.question.split(separator: ": ").last))
            #expect(asked.count == problem.difficulty && numbers(problem.expected) == asked.sorted())
        }
    }

    @Test func `unusable settings are refused by name`() {
        #expect { try Countdowns { $0.numbers = 1...3 } } throws: { "\($0)".contains("numbers: [1, 3]") }
        #expect { try Countdowns { $0.number = 0...3 } } throws: { "\($0)".contains("number: [0, 3]") }
        #expect { try Countdowns { $0.target = -1...3 } } throws: { "\($0)".contains("target: [-1, 3]") }
        #expect { try Chains { $0.steps = 0...3 } } throws: { "\($0)".contains("steps: [0, 3]") }
        #expect { try Sortings { $0.items = 1...3 } } throws: { "\($0)".contains("items: [1, 3]") }
    }

    @Test func `a chain's limit leaves room for twice the largest operand`() {
        func chains(limit: Int) throws -> Chains {
            try Chains {
                $0.number = 2...99
                $0.limit = limit
            }
        }
        #expect { try chains(limit: 197) } throws: { "\($0)".contains("limit: 197 is not allowed") }
        #expect(throws: Never.self) { try chains(limit: 198) }
    }

    @Test func `a source in the list has the key that it names itself with, and a verifier`() throws {
        for name in GeneratedSources.names {
            let maker = try #require(GeneratedSources()[name])
            #expect(type(of: maker).name == name)
            #expect(try Verifiers.named(type(of: maker).verifier).name == type(of: maker).verifier)
        }
        #expect(GeneratedSources()["jsonlines"] == nil)
    }
}
