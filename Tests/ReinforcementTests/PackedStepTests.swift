import Reasoning
import Reinforcement
import Testing

@Suite struct PackedStepTests {
    private static let groups = [
        LearnedGroup(
            problem: 0, prompt: [1, 127, 128, 151_642],
            traces: [
                LearnedTrace(
                    sample: 0, tokens: [5, 6, 300, 7], logProbabilities: [-0.1, -1e-30, -12.5],
                    segments: [
                        .sampled(PolicyVersion(0), tokens: 1), .given(tokens: 1),
                        .sampled(PolicyVersion(3), tokens: 2),
                    ], reward: 1.2, isExcluded: false),
                LearnedTrace(
                    sample: 1, tokens: [], logProbabilities: [], segments: [], reward: -0.1, isExcluded: true),
            ]),
        LearnedGroup(problem: 31, prompt: [], traces: []),
    ]

    @Test func `what is packed is read back, given text and excluded traces included`() throws {
        #expect(try PackedStep(Self.groups).groups() == Self.groups)
        #expect(try PackedStep([]).groups() == [])
    }

    @Test(arguments: [(100, 5), (151_643, 7)])
    func `a sampled token takes 5 to 7 bytes`(vocabulary: Int, most: Int) {
        let tokens = (0..<10_000).map { Int32($0 * 31 % vocabulary) }
        let trace = LearnedTrace(
            sample: 0, tokens: tokens, logProbabilities: tokens.map { -Float($0) },
            segments: [.sampled(PolicyVersion(9), tokens: tokens.count)], reward: 1, isExcluded: false)
        let packed = PackedStep([LearnedGroup(problem: 0, prompt: [1, 2], traces: [trace])])
        #expect((5 * tokens.count...most * tokens.count + 40).contains(packed.bytes.count))
    }

    @Test func `bytes that are cut or changed are refused, or read as another step, and never crash`() throws
    {
        let bytes = PackedStep(Self.groups).bytes
        for length in bytes.indices {
            #expect(throws: PackedStep.Damage.self) {
                try PackedStep(bytes: Array(bytes[..<length])).groups()
            }
        }
        #expect(throws: PackedStep.Damage.self) { try PackedStep(bytes: bytes + [0]).groups() }
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << bit
                _ = try? PackedStep(bytes: changed).groups()
            }
        }
    }

    @Test func `the batch of recorded groups is the batch of the step`() throws {
        let groups = [1, 0].map { problem in
            let asked = AssignedProblem(
                index: problem, problem: .init(id: "\(problem)", question: "?", expected: "1", difficulty: 1))
            let round = RoundID(step: 4, purpose: .training)
            return TraceGroup(
                problem: asked, prompt: [3, 4],
                traces: [2, 0, 1].map { sample in
                    ScoredTrace(
                        trace: Trace(
                            id: SampleID(round: round, problem: problem, sample: sample),
                            tokens: [7, Int32(sample)],
                            logProbabilities: [-1, -Float(sample)], version: round.version, finish: .end),
                        response: "", form: nil, thought: nil,
                        reward: .init(format: 0.2, accuracy: sample == 1 ? 1 : 0, verdict: nil))
                }, worker: "w")
        }
        let learned = try PackedStep(groups.map { LearnedGroup($0) }).groups()
        for advantage in GroupAdvantage.allCases {
            let batch = TrainingBatch(groups: learned, advantage: advantage)
            #expect(batch == TrainingBatch(groups: groups, advantage: advantage))
            #expect(batch.rows.map { $0.response[1] } == [0, 1, 2, 0, 1, 2] && batch.tokenCount == 12)
        }
    }
}
