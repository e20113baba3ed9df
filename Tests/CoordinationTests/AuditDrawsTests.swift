import Reinforcement
import RunStore
import Testing

@testable import Coordination

@Suite struct AuditDrawsTests {
    private let ids = (0..<20).flatMap { step in
        (0..<20).flatMap { problem in
            (0..<10).map {
                SampleID(round: RoundID(step: step, purpose: .training), problem: problem, sample: $0)
            }
        }
    }

    private func drawn(
        _ byte: UInt8, _ check: AuditDraws.Check = .logProbabilities, rate: Double = 0.2
    ) -> Set<SampleID> {
        let draws = AuditDraws(AuditKey(Array(repeating: byte, count: AuditKey.size)))
        return Set(ids.filter { draws.isDrawn($0, for: check, rate: rate) })
    }

    @Test func `the same key draws the same traces, about as many as the rate says`() {
        let some = drawn(1)
        #expect(some == drawn(1))
        #expect(abs(Double(some.count) / Double(ids.count) - 0.2) < 0.03)
        #expect(drawn(1, rate: 0).isEmpty && drawn(1, rate: 1).count == ids.count)
        #expect(some.isSubset(of: drawn(1, rate: 0.4)))
    }

    @Test func `another key, and another check, draw independently`() {
        let some = drawn(1)
        for others in [drawn(2), drawn(1, .verdict)] {
            // 4 % of 4000 are in both by chance.
            #expect((100...220).contains(some.intersection(others).count))
        }
    }
}
