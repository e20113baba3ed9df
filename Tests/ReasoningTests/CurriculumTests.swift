import Foundation
import StrictConfiguration
import Testing

@testable import Reasoning

struct CurriculumTests {
    private let problems = (0..<200).map {
        Problem(id: "p/\($0)", question: "\($0)", expected: "\($0)", difficulty: 1)
    }

    @Test func `what is drawn follows from seed, step and outcomes alone`() throws {
        func run(seed: UInt64) throws -> [[Problem]] {
            var curriculum = Curriculum(seed: seed)
            return (0..<10).map { step in
                let asked = curriculum.draw(16, of: problems, step: step)
                curriculum.record(asked.map { ($0, solved: $0.question.hasSuffix("3") ? 0.5 : 1) })
                return asked
            }
        }
        #expect(try run(seed: 1) == run(seed: 1))
        #expect(try run(seed: 1) != run(seed: 2))
    }

    @Test func `saved and read back in the middle it goes on with the same problems`() throws {
        var curriculum = Curriculum(seed: 1)
        for step in 0..<5 {
            curriculum.record(curriculum.draw(16, of: problems, step: step).map { ($0, solved: 1 / 3) })
        }
        let saved = try JSONEncoder().encode(curriculum)
        let read = try JSONDecoder().decode(Curriculum.self, from: saved)
        #expect(read == curriculum)
        #expect(read.draw(16, of: problems, step: 5) == curriculum.draw(16, of: problems, step: 5))
    }

    @Test func `a step asks different problems, and all again when there are too few`() throws {
        let curriculum = Curriculum(seed: 1)
        #expect(Set(curriculum.draw(200, of: problems, step: 0).map(\.id)).count == 200)
        let few = curriculum.draw(7, of: Array(problems.prefix(3)), step: 0)
        #expect(few.count == 7 && Set(few.prefix(3)).count == 3)
        #expect(curriculum.draw(7, of: [], step: 0).isEmpty)
    }

    @Test func `what is always or never solved is asked now and then, what is half solved is asked most`()
        throws
    {
        var curriculum = Curriculum(seed: 1)
        curriculum.record(
            problems.enumerated().map { place, problem in (problem, solved: [0, 0.5, 1, 0.875][place % 4]) })
        var counts = [0, 0, 0, 0]
        for step in 0..<500 {
            for problem in curriculum.draw(8, of: problems, step: step) {
                counts[(Int(problem.question) ?? 0) % 4] += 1
            }
        }
        // Weights 0.05, 1, 0.05, 0.4375.
        #expect(counts[0] > 40 && counts[0] < counts[1] / 8)
        #expect(counts[2] > 40 && counts[2] < counts[1] / 8)
        #expect(counts[3] > counts[1] / 4 && counts[3] < counts[1] * 3 / 4)
    }

    @Test func `newer visits count more`() throws {
        var curriculum = Curriculum(seed: 1, try Curriculum.Settings { $0.memory = 0.25 })
        curriculum.record([(problems[0], solved: 0)])
        #expect(curriculum.weight(of: problems[0]) == 0.05)
        curriculum.record([(problems[0], solved: 1)])
        #expect(curriculum.rates["p/0"] == 0.75 && curriculum.weight(of: problems[0]) == 0.75)
        #expect(curriculum.weight(of: problems[1]) == 1)
    }

    @Test func `unusable settings are refused by name`() {
        #expect { try Curriculum.Settings { $0.revisit = 0 } } throws: {
            "\($0)".contains("revisit: 0.0 is not")
        }
        #expect { try Curriculum.Settings { $0.memory = 1 } } throws: {
            "\($0)".contains("memory: 1.0 is not")
        }
    }
}
