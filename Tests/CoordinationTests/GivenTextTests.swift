import Episodes
import ModelFiles
import Reinforcement
import RunStore
import Scheduling
import Settings
import Testing
import Torch
import Transformers

@testable import Coordination

/// Text that no policy sampled, as the coordinator's audit sees it.
@Suite struct GivenTextTests {
    private let scratch: Scratch
    private let session: RunSession
    private let policy: Policy
    private let examiner: Examiner

    init() async throws {
        scratch = try Scratch()
        var configuration = try TinyRun.configuration(scratch)
        configuration.prompt.direct = false
        configuration.audit.rate = 1
        // The log-probabilities of a random model are close to each other.
        configuration.audit.tolerance = 1e-3
        session = try RunSession.open(TinyRun.request(configuration, at: scratch.run))
        policy = try Policy(session.model.configuration, .random(seed: 1))
        examiner = try Examiner(session.rules, policy: policy.configuration, key: session.auditKey)
        try await examiner.install(PublishedPolicy(of: policy, PolicyVersion(0), .fp32))
    }

    /// An assignment's result whose traces have a text of two tokens behind their second token.
    private func result(
        of assignment: Assignment, given: [Int32] = [20, 21], sampled: [[Int32]] = [[5, 6], [7, 8]]
    ) throws -> RolloutResult {
        let version = PolicyVersion(0)
        let temperature = session.rules.sampling(assignment.id.round.purpose).temperature
        var traces: [Trace] = []
        for assigned in assignment.problems {
            let prompt = try session.rules.prompt(for: assigned.problem, assignment.id.round.purpose)
            for sample in 0..<assignment.samples {
                let segments = [
                    Segment.sampled(version, tokens: sampled[0].count), .given(tokens: given.count),
                    .sampled(version, tokens: sampled[1].count),
                ]
                let id = SampleID(round: assignment.id.round, problem: assigned.index, sample: sample)
                let tokens = sampled[0] + given + sampled[1]
                let plain = Trace(
                    id: id, tokens: tokens, logProbabilities: [], segments: segments, finish: .length)
                let row = PromptedResponse(prompt: prompt, response: tokens, targets: plain.sampled)
                let values = try withoutGradients {
                    try policy.logProbabilities(PackedBatch([row]), temperature: temperature).floats()
                }
                traces.append(
                    Trace(
                        id: id, tokens: tokens, logProbabilities: values, segments: segments, finish: .length)
                )
            }
        }
        let attempt = AttemptID(assignment: assignment.id, incarnation: 1, number: 1)
        return RolloutResult(attempt: attempt, traces: traces, claims: nil)
    }

    private func changed(_ result: RolloutResult, _ change: (inout [Int32], inout [Float]) -> Void)
        -> RolloutResult
    {
        let first = result.traces[0]
        var (tokens, values) = (first.tokens, first.logProbabilities)
        change(&tokens, &values)
        let trace = Trace(
            id: first.id, tokens: tokens, logProbabilities: values, segments: first.segments,
            finish: first.finish)
        return RolloutResult(
            attempt: result.attempt, traces: [trace] + result.traces.dropFirst(), claims: nil)
    }

    @Test func `the audit checks sampled tokens behind what was given, and not the given ones`() async throws
    {
        let assignment = try session.plan.training(step: 0, cursor: 0)[0]
        let honest = try result(of: assignment)
        func flaw(_ result: RolloutResult) async throws -> String? {
            let finding = await examiner.examine(result, assignment, by: "w")
            if case .rejected(let reason, let detail) = finding.outcome {
                #expect(reason == .auditFailed)
                return detail
            }
            #expect(finding.audited == result.traces.count)
            return nil
        }
        #expect(try await flaw(honest) == nil)
        // The third log-probability is that of the fifth token.
        let lie = try await flaw(changed(honest) { $1[2] -= 0.5 })
        #expect(lie?.contains("token 4:") == true)
        // What was given conditions what is sampled behind it.
        #expect(try await flaw(changed(honest) { tokens, _ in tokens[3] = 30 }) != nil)
    }

    @Test func `where only answers may be sampled, a given text may be any`() async throws {
        let round = RoundID(step: 0, purpose: .direct)
        let problems = try session.plan.training(step: 0, cursor: 0)[0].problems
        let assignment = Assignment(
            id: AssignmentID(round: round, index: 0), problems: Array(problems.prefix(1)), samples: 1, seed: 1
        )
        let digit = try #require(session.rules.answerTokens.first)
        let word = try #require((2..<40).first { !session.rules.answerTokens.contains($0) })
        func flaw(given: Int32, sampled: Int32) async throws -> String? {
            let result = try self.result(of: assignment, given: [given], sampled: [[digit], [sampled]])
            guard
                case .rejected(_, let detail) = await examiner.examine(
                    result, assignment, by: "w", scrutiny: 0
                ).outcome
            else { return nil }
            return detail
        }
        #expect(try await flaw(given: word, sampled: digit) == nil)
        #expect(try await flaw(given: digit, sampled: word)?.contains("may not be sampled") == true)
    }
}
