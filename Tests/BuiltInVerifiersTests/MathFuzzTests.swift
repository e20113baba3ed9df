import Foundation
import Reasoning
import Testing

@testable import BuiltInVerifiers

/// Hostile answers by the thousand: none may trap or take long, and none may be right by accident.
///
/// `PONDER_FUZZ=1000000` sets how many; `PONDER_FUZZ_LIMIT_MS=10` makes a slower verdict a failure, which only a release build on
/// an idle machine keeps.
struct MathFuzzTests {
    @Test func `no input makes the verifier trap, and none is slow`() {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["PONDER_FUZZ"].flatMap { Int($0) } ?? 2_000
        let limit = environment["PONDER_FUZZ_LIMIT_MS"].flatMap { Double($0) }
        var inputs = MathFuzz(seed: 7)
        let verifier = MathVerifier()
        var slowest = (seconds: 0.0, text: "")
        var counts: [Verdict: Int] = [:]
        for _ in 0..<count {
            let (expected, answer) = (inputs.text(), inputs.text())
            let start = ContinuousClock.now
            let verdict = verifier.verdict(on: Answer(direct: answer), expected: expected)
            let time = (ContinuousClock.now - start) / Duration.seconds(1)
            counts[verdict, default: 0] += 1
            if time > slowest.seconds { slowest = (time, "\(answer) for \(expected)") }
            // Another number cannot be what this one is.
            let number = inputs.number()
            let wrong = verifier.verdict(on: Answer(direct: "\(number)"), expected: "\(number + 1)")
            #expect(wrong == .wrong)
        }
        #expect(counts.values.reduce(0, +) == count)
        if let limit {
            print("slowest of \(count): \(slowest.seconds * 1000) ms, \(counts), \(slowest.text.prefix(300))")
            #expect(slowest.seconds * 1000 <= limit)
        }
    }
}
