import Reinforcement
import Scheduling
import TestSupport
import Testing

/// What a hand-out costs must not depend on how many workers there are.
@Suite struct SchedulerCostTests {
    /// The time of one hand-out when this many idle workers get an assignment each; the least of three.
    private func handOut(workers count: Int) -> Duration {
        let round = Samples.round(assignments: count, problems: 1, samples: 1)
        return (0..<3).map { _ in
            var state = SchedulerState(Samples.configuration, now: .zero)
            _ = state.handle(.published(PolicyVersion(0)), now: .zero)
            for worker in 0..<count {
                let peer = PeerID(bytes: withUnsafeBytes(of: worker) { Array($0) }, address: "10.0.0.1")
                let hello = Hello(
                    name: "worker-\(worker)", instance: UInt64(worker), host: "h", process: 1, machine: "m",
                    digests: nil, standing: .empty)
                for message in [WorkerMessage.hello(hello), .ready(PolicyVersion(0))] {
                    _ = state.handle(
                        .received(Envelope(stamp: Samples.stamp, message: message), from: peer), now: .zero)
                }
            }
            let start = ContinuousClock.now
            let actions = state.handle(.open(round), now: .zero)
            let time = (ContinuousClock.now - start) / count
            #expect(actions.count >= count)
            return time
        }.min() ?? .zero
    }

    @Test func `a hand-out among thousands of workers costs as much as among hundreds`() {
        let (hundreds, thousands) = (handOut(workers: 250), handOut(workers: 4000))
        #expect(thousands < hundreds * 5, "\(hundreds) and \(thousands)")
    }
}
