import Foundation
import Learning
import ModelFiles
import Reinforcement
import RunStore
import Settings
import Testing
import Torch
import Transformers

@Suite struct LearnerTests {
    private func gradients(_ batch: TrainingBatch, _ change: (inout RunConfiguration.Learning) -> Void) throws
        -> (loss: Double, gradients: [Float])
    {
        let model = try GoldenStep().model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        var settings = RunConfiguration().learning
        change(&settings)
        let loss = try GRPOStep(settings).backward(batch, through: model).loss
        return (loss, try model.parameters.flatMap { try #require(try $0.leaf.gradient()).floats() })
    }

    @Test(arguments: [1, 17, 40, 100, 2048])
    func `the loss and its gradients do not depend on how a step is cut`(tokens: Int) throws {
        let batch = try GoldenStep().batch(0)
        let whole = try gradients(batch) { $0.microBatchTokens = 1 << 20 }
        let cut = try gradients(batch) { $0.microBatchTokens = tokens }
        #expect(abs(whole.loss - cut.loss) < 1e-5)
        let worst = zip(whole.gradients, cut.gradients).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-5)
    }

    @Test(arguments: [40, 1 << 20])
    func `layers that are computed again give the gradients of layers that are kept`(tokens: Int) throws {
        let batch = try GoldenStep().batch(0)
        let kept = try gradients(batch) { $0.microBatchTokens = tokens }
        let again = try gradients(batch) {
            $0.microBatchTokens = tokens
            $0.activationCheckpointing = true
        }
        #expect(kept.loss == again.loss)
        // Only the order differs in which a leaf's parts are added.
        let worst = zip(kept.gradients, again.gradients).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-7)
    }

    @Test(arguments: [40, 1 << 20])
    func `in bfloat16 the gradient points where the one in float32 does`(tokens: Int) throws {
        let batch = try GoldenStep().batch(0)
        let full = try gradients(batch) { $0.microBatchTokens = tokens }
        let half = try gradients(batch) {
            $0.microBatchTokens = tokens
            $0.dtype = .bf16
        }
        #expect(half.gradients != full.gradients)
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let cosine =
            dot(half.gradients, full.gradients)
            / (dot(half.gradients, half.gradients) * dot(full.gradients, full.gradients)).squareRoot()
        #expect(cosine > 0.999, "\(cosine)")
        #expect(abs(half.loss - full.loss) < 1e-2)
        #expect(
            try gradients(batch) { $0.dtype = .bf16 }.gradients
                == gradients(batch) { $0.dtype = .bf16 }.gradients)
    }

    @Test func `the learner divides its logits by the temperature of the rollouts`() throws {
        let (model, batch) = (try GoldenStep().model(), try GoldenStep().batch(0))
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        let prompts = batch.rows.map { PackedBatch.Group(prompt: $0.prompt, responses: [$0.response]) }
        let sampled = try withoutGradients {
            try model.logProbabilities(PackedBatch(prompts), temperature: 2).floats()
        }
        var start = 0
        let rows = batch.rows.map { row in
            defer { start += row.response.count }
            return TrainingRow(
                prompt: row.prompt, response: row.response,
                behaviour: Array(sampled[start..<start + row.response.count]), advantage: row.advantage)
        }
        let own = TrainingBatch(rows: rows, tokenCount: batch.tokenCount)
        let settings = RunConfiguration().learning
        #expect(try GRPOStep(settings, temperature: 2).backward(own, through: model).mismatch < 1e-5)
        #expect(try GRPOStep(settings).backward(own, through: model).mismatch > 1e-2)
    }

    @Test func `rows without advantage change nothing but the denominator they stand in`() throws {
        let batch = try GoldenStep().batch(0)
        let idle = TrainingRow(prompt: [5, 6], response: [7, 8, 9], behaviour: [-1, -2, -3], advantage: 0)
        let skipped = TrainingBatch(rows: batch.rows, tokenCount: batch.tokenCount + 3)
        let carried = TrainingBatch(rows: batch.rows + [idle], tokenCount: batch.tokenCount + 3)
        let (a, b) = (try gradients(skipped) { _ in }, try gradients(carried) { _ in })
        #expect(abs(a.loss - b.loss) < 1e-7)
        #expect((zip(a.gradients, b.gradients).map { abs($0 - $1) }.max() ?? 1) < 1e-6)
    }

    @Test func `without variance anywhere the version goes on and the weights stay`() throws {
        let learner = try Learner(GoldenStep().model(), RunConfiguration().learning)
        let before = try learner.model.embedding.bytes()
        let report = try learner.learn(TrainingBatch(rows: [], tokenCount: 100))
        #expect(!report.updated)
        #expect(learner.version == PolicyVersion(1))
        #expect(try learner.model.embedding.bytes() == before)
    }

    @Test func `a gradient that is not finite is an error and leaves the weights alone`() throws {
        let learner = try Learner(GoldenStep().model(), RunConfiguration().learning)
        let before = try learner.model.embedding.bytes()
        let row = TrainingRow(prompt: [5, 6], response: [7, 8], behaviour: [-1, -1], advantage: .nan)
        let error = try #require(throws: TorchError.self) {
            _ = try learner.learn(TrainingBatch(rows: [row], tokenCount: 2))
        }
        #expect(error.message.contains("not finite"))
        #expect(try learner.model.embedding.bytes() == before)
    }

    @Test func `a learner that is saved and restored goes on with the same bits`() throws {
        let golden = try GoldenStep()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "ponder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = RunConfiguration().learning

        let first = try Learner(golden.model(), settings)
        for step in 0..<3 { _ = try first.learn(golden.batch(step % 2)) }
        try first.saveOptimizer(to: folder)
        let weights = folder.appendingPathComponent("model.safetensors")
        try SafetensorsWriter.write(first.model.namedTensors(), to: weights)
        for step in 3..<6 { _ = try first.learn(golden.batch(step % 2)) }

        let source = ParameterSource(try SafetensorsFile(path: weights.path))
        let second = try Learner(Policy(first.model.configuration, source), settings)
        try second.restoreOptimizer(from: folder)
        #expect(second.version == PolicyVersion(3))
        for step in 3..<6 { _ = try second.learn(golden.batch(step % 2)) }
        for (a, b) in zip(try first.model.namedTensors(), try second.model.namedTensors()) {
            #expect(try a.tensor.bytes() == b.tensor.bytes(), "\(a.name)")
        }
    }

    @Test func `the rate warms up, is held, then halves every half-life`() throws {
        var settings = RunConfiguration().learning
        (settings.rate, settings.warmup, settings.hold, settings.halfLife) = (1, 4, 20, 10)
        func rate(at version: Int) throws -> Double {
            try Learner(GoldenStep().model(), settings, version: PolicyVersion(version)).rate
        }
        #expect(try rate(at: 0) == 0.25)
        #expect(try rate(at: 20) == 1)
        #expect(abs(try rate(at: 40) - 0.25) < 1e-12)
        settings.halfLife = 0
        #expect(try rate(at: 1000) == 1)
    }

    @Test func `the importance weight is capped and has no gradient`() throws {
        let settings = RunConfiguration().learning
        let new = try Tensor([-1, -1] as [Float], shape: [2])
        try new.requireGradient()
        let loss = try GRPOStep.loss(
            new, old: new.detached(), behaviour: Tensor([-5, -1] as [Float], shape: [2]),
            advantage: Tensor([1, 1] as [Float], shape: [2]), tokenCount: 2, settings)
        #expect(abs(try loss.item() + 1.5) < 1e-6)
        try loss.backward()
        let gradient = try #require(try new.gradient()).floats()
        #expect(abs(gradient[0] + 1) < 1e-6 && abs(gradient[1] + 0.5) < 1e-6)
    }
}

@Suite struct MicroBatchTests {
    private func row(_ prompt: [Int32], _ count: Int, _ index: Int) -> MicroBatches.Row {
        .init(prompt: prompt, response: [Int32](repeating: 1, count: count), index: index)
    }

    @Test func `a prompt that rows share counts once`() {
        let rows = (0..<4).map { row([1, 2, 3, 4], 4, $0) }
        #expect(MicroBatches.cut(rows, tokens: 20).map(\.count) == [4])
        #expect(MicroBatches.cut(rows, tokens: 12).map(\.count) == [2, 2])
    }

    @Test func `no row is lost, and order is kept`() {
        let rows = (0..<50).map { row([Int32($0 / 8)], 1 + $0 % 13, $0) }
        for limit in [1, 10, 33, 10_000] {
            #expect(MicroBatches.cut(rows, tokens: limit).flatMap { $0 }.map(\.index) == Array(0..<50))
        }
        #expect(MicroBatches.cut([], tokens: 10).isEmpty)
    }
}
