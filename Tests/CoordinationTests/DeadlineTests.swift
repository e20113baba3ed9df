import Coordination
import Reinforcement
import Scheduling
import Settings
import Testing
import WeightTransfer

@Suite struct `Deadlines of a configuration` {
    @Test func `workers get the standard timing by default`() {
        #expect(RunConfiguration().workerTiming == .standard)
    }

    @Test func `the coordinator gets the deadlines`() {
        var configuration = RunConfiguration()
        configuration.deadlines.lease = 7
        configuration.rollout.maxNewTokens = 5
        var coordinator = SchedulerState.Configuration(
            stamp: .unknown, digests: Digests(model: "", tokenizer: "", configuration: ""),
            documents: RunDocuments(model: [], tokenizer: [], configuration: []),
            weights: .port(1), vocabulary: 9, endTokens: [1], lengthLimits: [:])
        configuration.configure(&coordinator)
        #expect(coordinator.lease == .seconds(7))
        #expect(coordinator.lengthLimits == [Purpose.training: 5])
    }
}
