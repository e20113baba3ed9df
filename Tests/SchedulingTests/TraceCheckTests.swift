import TestSupport
import Testing

@testable import Reinforcement
@testable import Scheduling

struct TraceCheckTests {
    let assignment = Samples.round()[0]

    private func flaw(_ change: (inout [Trace]) -> Void = { _ in }) -> DropReason? {
        var traces = Samples.result(Samples.attempt(of: assignment), assignment).traces
        change(&traces)
        return TraceCheck(
            assignment: assignment, vocabulary: Samples.vocabulary, endTokens: [Samples.endToken],
            lengthLimit: Samples.lengthLimit, newest: PolicyVersion(0)
        ).flaw(in: traces)?.reason
    }

    private func trace(
        _ original: Trace, tokens: [Int32]? = nil, logProbabilities: [Float]? = nil, finish: Finish? = nil
    ) -> Trace {
        Trace(
            id: original.id, tokens: tokens ?? original.tokens,
            logProbabilities: logProbabilities ?? tokens?.map { _ in -1 } ?? original.logProbabilities,
            version: original.version, finish: finish ?? original.finish)
    }

    @Test func `a valid result has no flaw`() {
        #expect(flaw() == nil)
        #expect(flaw { $0[0] = trace($0[0], tokens: [2, 3, Samples.endToken], finish: .end) } == nil)
        #expect(flaw { $0[0] = trace($0[0], tokens: [Samples.endToken], finish: .end) } == nil)
        let longest = [Int32](repeating: 2, count: Samples.lengthLimit)
        #expect(flaw { $0[0] = trace($0[0], tokens: longest, finish: .length) } == nil)
        #expect(flaw { $0[0] = trace($0[0], logProbabilities: $0[0].tokens.map { _ in 0 }) } == nil)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 1e-6, .signalingNaN])
    func `a log-probability that is none is a flaw wherever it stands`(_ value: Float) {
        for index in 0..<4 {
            #expect(
                flaw {
                    var values = $0[index].logProbabilities
                    values[values.count - 1] = value
                    $0[index] = trace($0[index], logProbabilities: values)
                } == .invalidLogProbability)
        }
    }

    @Test func `arrays of different lengths are a flaw`() {
        #expect(
            flaw { $0[1] = trace($0[1], logProbabilities: $0[1].logProbabilities + [-1]) } == .lengthMismatch)
        #expect(flaw { $0[1] = trace($0[1], logProbabilities: []) } == .lengthMismatch)
    }

    @Test(arguments: [Int32(Samples.vocabulary), -1, .max, .min])
    func `a token outside the vocabulary is a flaw`(_ token: Int32) {
        #expect(
            flaw { $0[3] = trace($0[3], tokens: [token, Samples.endToken], finish: .end) } == .tokenOutOfRange
        )
    }

    @Test func `an empty trace is a flaw`() {
        #expect(flaw { $0[2] = trace($0[2], tokens: []) } == .emptyTrace)
        #expect(flaw { $0 = [] } == .wrongSamples)
    }

    @Test func `a finish that the tokens contradict is a flaw`() {
        let limit = Samples.lengthLimit
        let wrong: [([Int32], Finish)] = [
            ([Int32](repeating: 2, count: limit + 1), .length), ([2, 3], .length), ([2, 3], .end),
            ([Samples.endToken, 2], .end), ([Samples.endToken, Samples.endToken], .end),
            ([Samples.endToken] + [Int32](repeating: 2, count: limit - 1), .length),
        ]
        for (tokens, finish) in wrong {
            #expect(flaw { $0[0] = trace($0[0], tokens: tokens, finish: finish) } == .wrongLength)
        }
    }

    @Test func `traces must be exactly the assignment's, in its order`() {
        #expect(flaw { $0.swapAt(0, 1) } == .wrongSamples)
        #expect(flaw { $0[1] = $0[0] } == .wrongSamples)
        #expect(flaw { $0.removeLast() } == .wrongSamples)
        #expect(flaw { $0.append($0[0]) } == .wrongSamples)
        let other = Samples.round(step: 1)[0]
        #expect(flaw { $0 = Samples.result(Samples.attempt(of: other), other).traces } == .wrongSamples)
    }

    @Test func `a trace of another policy is a flaw`() {
        #expect(
            flaw {
                $0[3] = Trace(
                    id: $0[3].id, tokens: $0[3].tokens, logProbabilities: $0[3].logProbabilities,
                    version: PolicyVersion(1), finish: $0[3].finish)
            } == .staleVersion)
    }

    // MARK: - Policies of tokens

    /// The flaw of a trace at step 6 with a bound of 2, when policy 5 is the newest.
    private func flaw(_ runs: [(version: Int, tokens: Int)], _ onNewWeights: OnNewWeights = .continue)
        -> DropReason?
    {
        let assignment = Samples.round(step: 6, staleness: 2, onNewWeights: onNewWeights)[0]
        let segments = runs.map { Segment.sampled(PolicyVersion($0.version), tokens: $0.tokens) }
        let traces = Samples.result(Samples.attempt(of: assignment), assignment).traces.map {
            Trace(
                id: $0.id, tokens: [2, 3, Samples.endToken], logProbabilities: [-1, -1, -1],
                segments: segments,
                finish: .end)
        }
        return TraceCheck(
            assignment: assignment, vocabulary: Samples.vocabulary, endTokens: [Samples.endToken],
            lengthLimit: Samples.lengthLimit, newest: PolicyVersion(5)
        ).flaw(in: traces)?.reason
    }

    @Test func `the bound holds for every token: one that is too old drops the trace`() {
        #expect(flaw([(4, 3)]) == nil)
        #expect(flaw([(4, 1), (5, 2)]) == nil)
        #expect(flaw([(3, 3)]) == .staleVersion)
        #expect(flaw([(3, 1), (5, 2)]) == .staleVersion)
        #expect(flaw([(4, 2), (3, 1)]) == .staleVersion)
    }

    @Test func `nobody has a policy that is not published yet`() {
        #expect(flaw([(6, 3)]) == .staleVersion)
        #expect(flaw([(5, 2), (6, 1)]) == .staleVersion)
    }

    @Test func `policies of a trace only get newer, and there is one where a rollout is to be finished`() {
        #expect(flaw([(5, 1), (4, 2)]) == .staleVersion)
        #expect(flaw([(4, 1), (4, 2)]) == .staleVersion)
        #expect(flaw([(4, 1), (5, 2)], .finish) == .staleVersion)
        #expect(flaw([(5, 3)], .finish) == nil)
    }

    @Test func `every token has a policy, and every policy a token`() {
        #expect(flaw([(4, 2)]) == .lengthMismatch)
        #expect(flaw([(4, 2), (5, 2)]) == .lengthMismatch)
        #expect(flaw([(4, 0), (5, 3)]) == .lengthMismatch)
        #expect(flaw([(4, -1), (5, 4)]) == .lengthMismatch)
        #expect(flaw([]) == .lengthMismatch)
    }

    // MARK: - Given text

    /// The flaw of a trace at step 6 with a bound of 2, when policy 5 is the newest, where given text is expected.
    private func flaw(
        _ segments: [Segment], tokens: [Int32], finish: Finish = .end, isExpected: Bool = true
    ) -> DropReason? {
        let assignment = Samples.round(step: 6, staleness: 2, onNewWeights: .continue)[0]
        let count = segments.reduce(0) { $0 + $1.sampledCount }
        let traces = Samples.result(Samples.attempt(of: assignment), assignment).traces.map {
            Trace(
                id: $0.id, tokens: tokens, logProbabilities: [Float](repeating: -1, count: count),
                segments: segments, finish: finish)
        }
        return TraceCheck(
            assignment: assignment, vocabulary: Samples.vocabulary, endTokens: [Samples.endToken],
            lengthLimit: Samples.lengthLimit, newest: PolicyVersion(5), allowsGivenText: isExpected
        ).flaw(in: traces)?.reason
    }

    private let old = PolicyVersion(4)
    private let end = Samples.endToken

    @Test func `text that no policy sampled is refused unless it is expected`() {
        let segments = [Segment.sampled(old, tokens: 1), .given(tokens: 2), .sampled(old, tokens: 1)]
        #expect(flaw(segments, tokens: [2, 9, end, end], isExpected: false) == .givenText)
        #expect(flaw(segments, tokens: [2, 9, end, end]) == nil)
        #expect(self.flaw { $0[0] = $0[0].withGivenText } == .givenText)
    }

    @Test func `end tokens and limits are those of the sampled tokens, and the last token is sampled`() {
        let limit = Samples.lengthLimit
        let long = [Segment.given(tokens: 20), .sampled(old, tokens: limit)]
        let given = [Int32](repeating: end, count: 20)
        #expect(flaw(long, tokens: given + [Int32](repeating: 2, count: limit), finish: .length) == nil)
        let short = [Segment.given(tokens: 20), .sampled(old, tokens: limit - 1)]
        let words = [Int32](repeating: 2, count: limit - 1)
        #expect(flaw(short, tokens: given + words, finish: .length) == .wrongLength)
        #expect(flaw(short, tokens: given + words) == .wrongLength)
        let halves = [Segment.sampled(old, tokens: 1), .given(tokens: 1), .sampled(old, tokens: 1)]
        #expect(flaw(halves, tokens: [end, 9, end]) == .wrongLength)
        #expect(flaw(halves, tokens: [2, 9, 3]) == .wrongLength)
        #expect(flaw(halves.dropLast(), tokens: [end, end]) == .wrongLength)
        #expect(flaw([.given(tokens: 2)], tokens: [9, end]) == .emptyTrace)
    }

    @Test func `a given text does not hide a token outside the vocabulary or a policy that gets older`() {
        let halves = [Segment.sampled(old, tokens: 1), .given(tokens: 1), .sampled(old, tokens: 1)]
        #expect(flaw(halves, tokens: [2, Int32(Samples.vocabulary), end]) == .tokenOutOfRange)
        func successive(_ first: Int, _ second: Int) -> DropReason? {
            flaw(
                [
                    .sampled(PolicyVersion(first), tokens: 1), .given(tokens: 1),
                    .sampled(PolicyVersion(second), tokens: 1),
                ], tokens: [2, 9, end])
        }
        #expect(successive(4, 4) == nil && successive(4, 5) == nil)
        #expect(successive(5, 4) == .staleVersion && successive(3, 4) == .staleVersion)
        #expect(flaw([.given(tokens: 0), .sampled(old, tokens: 1)], tokens: [end]) == .lengthMismatch)
    }
}
