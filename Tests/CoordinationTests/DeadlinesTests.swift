import Reinforcement
import Scheduling
import Settings
import Testing

@testable import Coordination

@Suite struct DeadlinesTests {
    @Test func `the defaults of a run are those of a worker before it knows its run`() {
        #expect(RunConfiguration().workerTiming == .standard)
    }

    @Test func `the coordinator gets the deadlines`() {
        var configuration = RunConfiguration()
        configuration.deadlines.lease = 7
        configuration.rollout.maxNewTokens = 5
        var coordinator = CoordinatorState.Configuration(
            stamp: .unknown, digests: Digests(model: "", tokenizer: "", configuration: ""),
            documents: RunDocuments(model: [], tokenizer: [], configuration: []),
            weights: .port(1), vocabulary: 9, endTokens: [1], lengthLimits: [:])
        configuration.configure(&coordinator)
        #expect(coordinator.lease == .seconds(7))
        #expect(coordinator.lengthLimits == [Purpose.training: 5])
    }
}
