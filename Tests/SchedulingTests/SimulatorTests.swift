import Foundation
import Reinforcement
import Scheduling
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

    @Test(.enabled(if: lonelySeed == nil))
    func `two thousand faulty runs end with the weights of a run without faults`() async {
        let total = await withTaskGroup(of: Simulation.Outcome.self) { group in
            for share in UInt64(0)..<20 {
                group.addTask {
                    var sum = Simulation.Outcome()
                    for seed in share * 100..<share * 100 + 100 {
                        var simulation = Simulation(seed: seed)
                        let outcome = simulation.run()
                        sum.add(outcome)
                        guard let violation = outcome.violation else { continue }
                        Issue.record(
                            "PONDER_SIMULATOR_SEED=\(seed) swift test --filter Simulator: \(violation)")
                    }
                    return sum
                }
            }
            return await group.reduce(into: Simulation.Outcome()) { $0.add($1) }
        }
        // A schedule that never meets a fault proves nothing about it.
        for reason in LateReason.allCases { #expect(total.late[reason, default: 0] > 0, "\(reason)") }
        for reason in DropReason.allCases where !Self.unreachable.contains(reason) {
            #expect(total.dropped[reason, default: 0] > 0, "\(reason)")
        }
        #expect(total.expired > 0)
        #expect(total.speculative > 0)
        #expect(total.quarantines > 0)
        #expect(total.releases > 0)
        #expect(total.restarts > 0)
        #expect(total.returns > 0)
        #expect(total.refusals > 0)
        #expect(total.abandonedFetches > 0)
        #expect(total.incarnations > 2000)
        print("2000 runs, \(Int(total.seconds)) virtual seconds, \(total.handled) events: \(total)")
    }

    /// Reasons that need what the simulator has not: a shell that cannot score, or that resumes a ledger with holes.
    static let unreachable: Set<DropReason> = [
        .failed, .unsendable, .undeliverable, .unscorable, .coordinatorRestarted,
    ]

    @Test func `a run is a function of its seed`() {
        for seed in UInt64(0)..<20 {
            var (first, second) = (
                Simulation(seed: seed, isVerbose: true), Simulation(seed: seed, isVerbose: true)
            )
            #expect(first.run() == second.run())
            #expect(first.log?.lines == second.log?.lines)
        }
    }

    @Test func `a calm run drops nothing and repeats nothing`() {
        var simulation = Simulation(seed: 1, plan: .calm)
        let outcome = simulation.run()
        #expect(outcome.violation == nil)
        #expect(outcome.ledger.issued == outcome.ledger.used)
        #expect(outcome.ledger.used == 3 * 3 + 2)
        #expect(outcome.ledger.late.isEmpty)
        #expect(outcome.exits == [0: 3])
    }

    @Test(arguments: Sabotage.allCases)
    func `a rule that is broken on purpose is noticed`(_ sabotage: Sabotage) {
        let isNoticed = (UInt64(0)..<400).contains { seed in
            var simulation = Simulation(seed: seed, sabotage: sabotage)
            let outcome = simulation.run()
            if let violation = outcome.violation { print("\(sabotage), seed \(seed): \(violation)") }
            return outcome.violation != nil
        }
        #expect(isNoticed)
    }
}
