import StrictConfiguration
import Testing

@testable import Reasoning

struct GeneratedSourceTests {
    /// Sums of numbers from 1 to 20.
    private func sums(_ terms: ClosedRange<Int>) throws -> Sums {
        try Sums {
            $0.terms = terms
            $0.number = 1...20
        }
    }

    @Test func `sums of two numbers are spelled with spaces and add up`() throws {
        let source = GeneratedSource(try sums(2...2), seed: 0)
        for index in 0..<200 {
            let problem = try source.trainingProblem(index)
            let parts = problem.question.split(separator: " ")
            #expect(parts.count == 5 && parts[1] == "+" && parts[3] == "=" && parts[4] == "?")
            let numbers = try [parts[0], parts[2]].map { try #require(Int($0)) }
            #expect(numbers.allSatisfy((1...20).contains) && "\(numbers[0] + numbers[1])" == problem.expected)
            #expect(problem.difficulty == 2 && problem.id.hasPrefix("sums/"))
        }
    }

    @Test func `64 of the sums up to 20 are held out, whatever the seed, and none is trained on`() throws {
        let sums = try sums(2...2)
        let held = try GeneratedSource(sums, seed: 1).heldOut(64)
        #expect(Set(held.map(\.question)).count == 64)
        #expect(try GeneratedSource(sums, seed: 2).heldOut(64) == held)
        let source = GeneratedSource(sums, seed: 1)
        let trained = Set(try (0..<2000).map { try source.trainingProblem($0).question })
        #expect(trained.isDisjoint(with: held.map(\.question)) && trained.count > 250)
    }

    @Test func `the first sums never change, for runs are compared over years`() throws {
        let source = GeneratedSource(try sums(2...3), seed: 1)
        let first = try (0..<3).map { try source.trainingProblem($0).question }
        #expect(first == ["16 + 12 = ?", "5 + 8 + 3 = ?", "12 + 17 = ?"])
    }

    @Test func `unusable sums are refused by name`() {
        #expect { try Sums { $0.terms = 1...2 } } throws: { "\($0)".contains("terms: [1, 2]") }
        #expect { try Sums { $0.number = -1...2 } } throws: { "\($0)".contains("number: [-1, 2]") }
    }
}
