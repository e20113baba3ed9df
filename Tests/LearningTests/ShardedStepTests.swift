import Learning
import Reinforcement
import Settings
import Testing
import Torch
import Transformers

@Suite struct ShardedStepTests {
    private func gradients(_ batch: TrainingBatch, threads: Int) throws -> (loss: Double, values: [Float]) {
        let model = try GoldenStep().model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        let step = try ShardedStep(PolicyGradient(RunConfiguration().learning), model, threads: threads)
        let loss = try step.backward(batch).loss
        return (loss, try model.parameters.flatMap { try #require(try $0.leaf.gradient()).floats() })
    }

    @Test(arguments: [2, 3])
    func `several threads compute the loss and the gradients of one`(threads: Int) throws {
        let batch = try GoldenStep().batch(0)
        let (one, several) = (try gradients(batch, threads: 1), try gradients(batch, threads: threads))
        #expect(abs(one.loss - several.loss) < 1e-5)
        #expect((zip(one.values, several.values).map { abs($0 - $1) }.max() ?? 1) < 1e-5)
    }

    @Test func `two threads give the same bits every time`() throws {
        let batch = try GoldenStep().batch(0)
        let first = try gradients(batch, threads: 2)
        for _ in 0..<5 {
            let again = try gradients(batch, threads: 2)
            #expect(again.loss == first.loss)
            #expect(again.values == first.values)
        }
    }

    @Test func `a second step starts from gradients of zero`() throws {
        let batch = try GoldenStep().batch(0)
        let model = try GoldenStep().model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        let step = try ShardedStep(PolicyGradient(RunConfiguration().learning), model, threads: 2)
        func once() throws -> [Float] {
            for parameter in model.parameters { try parameter.leaf.clearGradient() }
            _ = try step.backward(batch)
            return try model.parameters.flatMap { try #require(try $0.leaf.gradient()).floats() }
        }
        #expect(try once() == once())
    }

    private func row(_ prompt: Int32, _ length: Int) -> TrainingRow {
        TrainingRow(
            prompt: [prompt, prompt], response: Array(repeating: 7, count: length),
            behaviour: Array(repeating: -1, count: length), advantage: 1)
    }

    @Test func `rows that share a prompt stay together, and shards get about the same`() {
        let rows = (0..<6).flatMap { prompt in (0..<4).map { row(Int32(prompt), 10 + prompt + $0) } }
        let parts = ShardedStep.deal(rows, to: 2)
        #expect(parts.map(\.count) == [12, 12])
        #expect(Set(parts[0].map(\.prompt)).isDisjoint(with: parts[1].map(\.prompt)))
        let loads = parts.map { $0.reduce(0) { $0 + $1.response.count } }
        #expect(abs(loads[0] - loads[1]) <= 10)
        #expect(Set(parts.joined()) == Set(rows))
    }

    @Test func `rows of too few prompts are dealt out one by one`() {
        let rows = (0..<8).map { row(1, 10 + $0) }
        let parts = ShardedStep.deal(rows, to: 2)
        #expect(parts.map(\.count) == [4, 4])
        #expect(ShardedStep.deal(rows, to: 1) == [rows])
        #expect(ShardedStep.deal([rows[0]], to: 2).map(\.count) == [1, 0])
    }
}
