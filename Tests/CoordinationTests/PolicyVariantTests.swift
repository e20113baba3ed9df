import Foundation
import Testing

@testable import Coordination
@testable import Reinforcement
@testable import RunStore
@testable import Scheduling
@testable import Settings
@testable import Torch
@testable import Transformers

/// Other ways of sampling and publishing: every trace audited, so that worker and coordinator must agree on each.
@Suite struct PolicyVariantTests {
    private func finish(
        _ change: (inout RunConfiguration) -> Void
    ) async throws -> (result: RunResult, status: RunStatus, metrics: [StepMetrics]) {
        let scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch, steps: 2)
        configuration.audit.rate = 1
        configuration.audit.tolerance = 1e-3
        configuration.audit.bf16Tolerance = 1e-3
        change(&configuration)
        let run = try InProcessRun(RunSession.open(TinyRun.request(configuration, at: scratch.run)))
        run.add("worker-1")
        let result = try await run.run()
        let directory = RunDirectory(root: scratch.run)
        return (result, try RunStatus(of: directory), try MetricsFile.read(directory))
    }

    @Test(arguments: [Precision.fp32, .bf16])
    func `both precisions of rollouts pass the audit`(dtype: Precision) async throws {
        let (_, status, _) = try await finish { $0.policy.dtype = dtype }
        #expect(status.report?.ledger.dropped.isEmpty == true)
    }

    @Test func `log-probabilities are those of the temperature that was sampled at`() async throws {
        let (_, status, _) = try await finish {
            $0.prompt.direct = false
            $0.rollout.temperature = 0.5
            $0.rollout.maxNewTokens = 12
        }
        #expect(status.report?.ledger.dropped.isEmpty == true)
    }

    @Test func `responses that never end are cut, counted and learned from`() async throws {
        let (result, _, metrics) = try await finish {
            $0.prompt.direct = false
            $0.rollout.maxNewTokens = 3
        }
        // 1 token of 100 ends a response: most of 128 traces reach the limit of 3.
        #expect(metrics.allSatisfy { $0.truncated > 64 && $0.traces == 128 })
        #expect(result.tokens <= 2 * 128 * 3)
    }

    @Test func `the published bf16 weights do not change what the masters' hash says`() async throws {
        let (result, _, _) = try await finish {
            $0.policy.dtype = .bf16
            $0.learning.rate = 0
        }
        let (other, _, _) = try await finish { $0.learning.rate = 0 }
        #expect(result.policySHA256 == other.policySHA256)
    }
}
