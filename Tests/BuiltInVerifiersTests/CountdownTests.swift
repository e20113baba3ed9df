import Foundation
import Reasoning
import Testing

@testable import BuiltInVerifiers

struct CountdownTests {
    private func verdict(_ answer: String, numbers: [Int], target: Int, use: CountdownGoal.Use = .all) throws
        -> Verdict
    {
        let goal = try CountdownGoal(numbers: numbers, target: target, use: use)
        return CountdownVerifier().verdict(on: Answer(direct: answer), expected: goal.text)
    }

    @Test(arguments: [
        "3*5+7", "7+3*5", "7+5*3", "(3*5)+7", "((3)*(5))+(7)", " 3 * 5\n+ 7 ", "3×5+7", "3 * 5 + 7 = 22",
        "3*5+7=22",
        "7 + 3*5",
    ])
    func `an expression that makes 22 of 3, 5 and 7 is right`(answer: String) throws {
        #expect(try verdict(answer, numbers: [3, 5, 7], target: 22) == .correct)
    }

    @Test(arguments: [
        // Other values, numbers left out, taken twice or brought along.
        "3+5+7", "22", "3*5", "15+7", "3*5+7+0", "3*5+7*1", "3*5+5+7-5", "3*5+3+7-3", "3*5+3+3+1", "35-13",
        "3*5+07",
        // False or odd equations.
        "3*5+7=23", "3*5+7=", "3*5+7==22", "3*5+7=22=23", "22=3*5+8", "3*5+7=44/3", "3+5+7=22",
        "=22",
        // Not the grammar.
        "", " ", "3**5+7", "3*5//7", "3 5 7", "(3*5+7", "3*5+7)", ")3*5+7(", "()", "3*5+", "*3+5",
        "3+*5",
        "3*5+7 apples", "x", "3.0*5+7", "3e0*5+7", "0x3*5+7", "3,5,7", "3^5", "3%5", "[3*5)+7",
        "3*5+7;",
        "3*5+٧", "3*5+7\u{0}", "import os", "__import__('os')", "3*5+7 # 22",
        "-(3*5)+7",
        "-3*5+37", "−3*5+7", "3*5+7-0", "7---3*5",
    ])
    func `anything else is wrong`(answer: String) throws {
        #expect(try verdict(answer, numbers: [3, 5, 7], target: 22) == .wrong)
    }

    @Test func `the other operators and spellings are exact`() throws {
        #expect(try verdict("8/(3-8/3)", numbers: [8, 3, 8, 3], target: 24) == .correct)
        #expect(try verdict("8 ÷ (3 − 8 ÷ 3)", numbers: [8, 3, 8, 3], target: 24) == .correct)
        #expect(try verdict("1/3*3", numbers: [1, 3, 3], target: 1) == .correct)
        #expect(try verdict("8/4/2", numbers: [8, 4, 2], target: 1) == .correct)
        #expect(try verdict("8-4-2", numbers: [8, 4, 2], target: 2) == .correct)
        #expect(try verdict("2-5", numbers: [2, 5], target: -3) == .correct)
        #expect(try verdict("2-5=-3", numbers: [2, 5], target: -3) == .correct)
        #expect(try verdict("7/2", numbers: [7, 2], target: 3) == .wrong)
    }

    @Test func `a number that is given twice must be used twice`() throws {
        #expect(try verdict("4+4", numbers: [4, 4], target: 8) == .correct)
        #expect(try verdict("4*2", numbers: [4, 4], target: 8) == .wrong)
        #expect(try verdict("4+4-4+4", numbers: [4, 4], target: 8) == .wrong)
    }

    @Test func `with any, a number may be left out but not repeated`() throws {
        #expect(try verdict("3*5", numbers: [3, 5, 7], target: 15, use: .any) == .correct)
        #expect(try verdict("3*5", numbers: [3, 5, 7], target: 15) == .wrong)
        #expect(try verdict("3+3", numbers: [3, 5, 7], target: 6, use: .any) == .wrong)
        #expect(try verdict("7=7", numbers: [3, 5, 7], target: 7, use: .any) == .correct)
        #expect(try verdict("15", numbers: [3, 5, 7], target: 15, use: .any) == .wrong)
    }

    @Test func `a negative number that is given can be used`() throws {
        #expect(try verdict("-3*5", numbers: [-3, 5], target: -15) == .correct)
        #expect(try verdict("5--3", numbers: [-3, 5], target: 8) == .correct)
        #expect(try verdict("5-3", numbers: [-3, 5], target: 2) == .wrong)
    }

    @Test func `a division by zero is wrong wherever it hides`() throws {
        #expect(try verdict("5/(3-3)", numbers: [5, 3, 3], target: 0) == .wrong)
        #expect(try verdict("5/0", numbers: [5, 0], target: 0) == .wrong)
        #expect(try verdict("0*(5/(3-3))", numbers: [0, 5, 3, 3], target: 0) == .wrong)
        #expect(try verdict("0/5", numbers: [5, 0], target: 0) == .correct)
    }

    @Test func `numbers that outgrow the arithmetic are undecided, never right`() throws {
        let billions = [Int](repeating: 1_000_000_000, count: 10)
        let product = billions.map(String.init).joined(separator: "*")
        #expect(try verdict(product, numbers: billions, target: 1) == .undecided)
        #expect(try verdict("99999999999999999999999*1", numbers: [1, 2], target: 2) == .wrong)
        #expect(try verdict("9223372036854775807+1", numbers: [1, 2], target: 2) == .wrong)
        #expect(try verdict("1=99999999999999999999999", numbers: [1], target: 1) == .wrong)
        #expect(
            try verdict(
                "1/1000000000/1000000000/1000000000/1000000000/1000000000",
                numbers: [1] + billions.prefix(5), target: 0) == .undecided)
    }

    @Test(arguments: [
        String(repeating: "(", count: 100_000), String(repeating: "3+", count: 50_000) + "3",
        String(repeating: "-", count: 100_000), String(repeating: "9", count: 100_000),
        String(repeating: " ", count: 100_000), String(repeating: "=", count: 100_000),
        String(repeating: "(", count: 1000) + "3*5+7" + String(repeating: ")", count: 1000),
        String(repeating: "(", count: 65) + "3*5+7" + String(repeating: ")", count: 65),
        String(repeating: "3*", count: 2000) + "5", String(repeating: "×", count: 40_000),
    ])
    func `an endless answer is wrong at once`(answer: String) throws {
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try verdict(answer, numbers: [3, 5, 7], target: 22) == .wrong)
        #expect(clock.now - start < .seconds(1))
    }

    @Test func `parentheses may be 64 deep, one after another any number`() throws {
        let deep = String(repeating: "(", count: 64) + "3*5+7" + String(repeating: ")", count: 64)
        #expect(try verdict(deep, numbers: [3, 5, 7], target: 22) == .correct)
        let many = [Int](repeating: 1, count: 32)
        #expect(
            try verdict(many.map { "(\($0))" }.joined(separator: "+"), numbers: many, target: 32) == .correct)
    }

    @Test(arguments: [
        #"{"numbers":[3,5,7],"target":22,"use":"some"}"#, #"{"numbers":[3,5,7]}"#, #"{"target":22}"#,
        "[3,5,7]", "",
        #"{"numbers":[3.5],"target":22}"#, #"{"numbers":"3","target":22}"#,
        #"{"numbers":[3],"target":22,"uses":"all"}"#,
        #"{"numbers":[3],"target":1e30}"#, #"{"numbers":[2000000000],"target":1}"#, "not JSON",
    ])
    func `a goal that cannot be read is refused`(expected: String) {
        #expect(throws: VerifierError.self) { try CountdownVerifier().check(expected: expected) }
        #expect(CountdownVerifier().verdict(on: Answer(direct: "3"), expected: expected) == .undecided)
    }

    @Test func `use is all when it is left out, and the written form is read back`() throws {
        let goal = try CountdownGoal.read(#"{"target": 22, "numbers": [3, 5, 7]}"#)
        #expect(goal == (try CountdownGoal(numbers: [3, 5, 7], target: 22, use: .all)))
        #expect(goal.text == #"{"numbers":[3,5,7],"target":22,"use":"all"}"#)
        #expect(try CountdownGoal.read(goal.text) == goal)
    }
}
