import Foundation
import Reinforcement
import TestSupport
import Testing

struct SimulatorTests {
    /// Set to run one schedule alone, with everything that happens in it printed.
    static let lonelySeed = ProcessInfo.processInfo.environment["PONDER_SIMULATOR_SEED"].flatMap(UInt64.init)

    @Test(.enabled(if: lonelySeed != nil))
    func `the seed that was asked for`() throws {
        var simulation = Simulation(seed: try #require(Self.lonelySeed), isVerbose: true)
        let outcome = simulation.run()
        for line in simulation.log?.lines ?? [] { print(line) }
        print("\(simulation.plan)\n\(outcome)")
        #expect(outcome.violation == nil)
    }

    @Test(.enabled(if: lonelySeed == nil), arguments: 0..<8)
    func `two thousand faulty runs end with the weights of a run without faults`(_ share: Int) {
        for seed in UInt64(share * 250)..<UInt64(share * 250 + 250) {
            var simulation = Simulation(seed: seed)
            let outcome = simulation.run()
            if let violation = outcome.violation {
                Issue.record("PONDER_SIMULATOR_SEED=\(seed) swift test --filter SimulatorTests: \(violation)")
            }
        }
    }
}
