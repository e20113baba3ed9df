import Reinforcement
import Testing
import Torch
import Transformers

@Suite struct RolloutTests {
    private let prompts: [(problem: Int, tokens: [Int32])] = [(3, [5, 6, 7]), (8, [8, 9, 10, 11, 12])]
    private let round = RoundID(step: 2, purpose: .evaluation)
    private let sampling = Sampling(maxNewTokens: 16)

    private func rollout() -> Rollout { Rollout(round, seed: 7, prompts: prompts, samples: 3, sampling) }

    @Test func `each token's number comes from seed, round, problem, sample and position`() throws {
        let generator = try Generator(GoldenFiles.model())
        let random = CounterRandom(seed: 7)
        let completions = try generator.generate(prompts.map(\.tokens), samples: 3, sampling) {
            random.uniform(.evaluation, step: 2, problem: prompts[$0].problem, sample: $1, position: $2)
        }.flatMap { $0 }
        let traces = try rollout().finished(by: generator, of: PolicyVersion(2))
        #expect(traces.map(\.tokens) == completions.map(\.tokens))
        #expect(traces.map { $0.finish == .end } == completions.map(\.ended))
        #expect(traces.map(\.id.problem) == [3, 3, 3, 8, 8, 8])
        #expect(traces.map(\.id.sample) == [0, 1, 2, 0, 1, 2])
        #expect(traces.allSatisfy { $0.version == PolicyVersion(2) && $0.id.round == round })
        #expect(traces.allSatisfy { $0.logProbabilities.allSatisfy { $0 <= 0 } })
    }

    @Test func `a problem's traces do not depend on the problems beside it`() throws {
        let generator = try Generator(GoldenFiles.model())
        let both = try rollout().finished(by: generator)
        let alone = try Rollout(round, seed: 7, prompts: [prompts[1]], samples: 3, sampling)
            .finished(by: generator)
        #expect(alone == Array(both[3...]))
    }

    @Test func `a policy that takes over samples the rest, and the traces say which`() throws {
        let first = try Generator(GoldenFiles.model())
        var rollout = self.rollout()
        var asked = 0
        #expect(
            try !rollout.advance(with: first, of: PolicyVersion(1)) {
                asked += 1
                return asked > 4
            })
        #expect(try rollout.advance(with: first, of: PolicyVersion(2)))
        let traces = rollout.traces
        #expect(traces.contains { $0.segments.map(\.version) == [PolicyVersion(1), PolicyVersion(2)] })
        #expect(
            traces.allSatisfy { trace in
                trace.segments.reduce(0) { $0 + $1.tokens } == trace.tokens.count
            })
    }
}
