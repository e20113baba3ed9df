import Reasoning
import Reinforcement
import Testing

struct SegmentTests {
    private let id = SampleID(round: RoundID(step: 6, purpose: .training), problem: 0, sample: 0)

    /// Policy 4 samples two tokens, two are given, policies 4 and 5 go on with one and three, and one is given.
    private var trace: Trace {
        Trace(
            id: id, tokens: [1, 2, 90, 91, 3, 4, 5, 6, 92], logProbabilities: [-1, -2, -3, -4, -5, -6],
            segments: [
                .sampled(PolicyVersion(4), tokens: 2), .given(tokens: 2),
                .sampled(PolicyVersion(4), tokens: 1),
                .sampled(PolicyVersion(5), tokens: 3), .given(tokens: 1),
            ], finish: .length)
    }

    @Test func `length, age and places count the sampled tokens alone`() {
        #expect(trace.sampledCount == 6)
        #expect(trace.sampled == [0..<2, 4..<5, 5..<8])
        #expect(trace.sampled.joined().map { trace.tokens[$0] } == [1, 2, 3, 4, 5, 6])
        #expect(trace.age == 3 * 2 + 3 * 1)
        #expect(trace.version == PolicyVersion(4))
    }

    @Test func `a trace is continued when a second policy samples, not when a text is given`() {
        func isContinued(_ segments: [Segment]) -> Bool {
            Trace(id: id, tokens: [], logProbabilities: [], segments: segments, finish: .length).isContinued
        }
        let (old, new) = (PolicyVersion(4), PolicyVersion(5))
        #expect(trace.isContinued)
        #expect(!isContinued([.sampled(old, tokens: 1), .given(tokens: 3), .sampled(old, tokens: 1)]))
        #expect(isContinued([.given(tokens: 1), .sampled(old, tokens: 1), .sampled(new, tokens: 1)]))
        #expect(!isContinued([.given(tokens: 1)]) && !isContinued([]))
    }

    @Test func `given tokens enter a training row and no count of it`() {
        let rewards = [0.0, 1.0]
        let group = TraceGroup(
            problem: AssignedProblem(
                index: 0, problem: Problem(id: "p", question: "", expected: "", difficulty: 0)),
            prompt: [99],
            traces: rewards.map {
                ScoredTrace(
                    trace: trace, response: "", form: nil, thought: nil,
                    reward: Reward(format: 0, accuracy: $0, verdict: nil))
            }, worker: "w")
        let batch = TrainingBatch(groups: [group], advantage: .mean)
        #expect(batch.tokenCount == 12)
        #expect(batch.rows.allSatisfy { $0.response == trace.tokens && $0.sampled == trace.sampled })
        #expect(batch.rows.allSatisfy { $0.behaviour == trace.logProbabilities })
    }
}
