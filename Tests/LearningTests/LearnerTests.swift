import Foundation
import Learning
import ModelFiles
import Reinforcement
import Settings
import Testing
import Torch
import Transformers

@Suite struct LearnerTests {
    private func gradients(_ batch: TrainingBatch, _ change: (inout LearningSettings) -> Void) throws
        -> (loss: Double, gradients: [Float])
    {
        let model = try GoldenStep().model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        var settings = RunConfiguration().learning
        change(&settings)
        let loss = try PolicyGradient(settings).backward(batch, through: model).loss
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
        let rounded = try gradients(batch) {
            $0.microBatchTokens = tokens
            $0.dtype = .bf16
        }
        #expect(rounded.gradients != full.gradients)
        func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
        let cosine =
            dot(rounded.gradients, full.gradients)
            / (dot(rounded.gradients, rounded.gradients) * dot(full.gradients, full.gradients)).squareRoot()
        #expect(cosine > 0.999, "\(cosine)")
        #expect(abs(rounded.loss - full.loss) < 1e-2)
        #expect(
            try gradients(batch) { $0.dtype = .bf16 }.gradients
                == gradients(batch) { $0.dtype = .bf16 }.gradients)
    }

    @Test func `the learner divides its logits by the temperature of the rollouts`() throws {
        let (model, batch) = (try GoldenStep().model(), try GoldenStep().batch(0))
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        let texts = batch.rows.map { PromptedResponse(prompt: $0.prompt, response: $0.response) }
        let sampled = try withoutGradients {
            try model.logProbabilities(PackedBatch(texts), temperature: 2).floats()
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
        #expect(try PolicyGradient(settings, temperature: 2).backward(own, through: model).mismatch < 1e-5)
        #expect(try PolicyGradient(settings).backward(own, through: model).mismatch > 1e-2)
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

    @Test func `a gradient that is not finite is an error and leaves weights and version alone`() throws {
        let golden = try GoldenStep()
        let learner = try Learner(golden.model(), RunConfiguration().learning)
        let before = try learner.model.embedding.bytes()
        let row = TrainingRow(prompt: [5, 6], response: [7, 8], behaviour: [-1, -1], advantage: .nan)
        let error = try #require(throws: TorchError.self) {
            _ = try learner.learn(TrainingBatch(rows: [row], tokenCount: 2))
        }
        #expect(error.message.contains("not finite"))
        #expect(try learner.model.embedding.bytes() == before)
        #expect(learner.version == PolicyVersion(0))
    }

    @Test func `a step that fails half-way leaves the version, and the next step is as if it had not been`()
        throws
    {
        let golden = try GoldenStep()
        var settings = RunConfiguration().learning
        settings.microBatchTokens = 1
        let (learner, other) = (
            try Learner(golden.model(), settings), try Learner(golden.model(), settings)
        )
        let batch = try golden.batch(0)
        // The last row's token lies outside of the vocabulary; the gradients of the rows before it are there by then.
        let broken = TrainingRow(prompt: [5, 6], response: [7, 9999], behaviour: [-1, -1], advantage: 1)
        #expect(throws: TorchError.self) {
            _ = try learner.learn(
                TrainingBatch(rows: batch.rows + [broken], tokenCount: batch.tokenCount))
        }
        #expect(learner.version == PolicyVersion(0))
        #expect(try learner.learn(batch) == other.learn(batch))
        #expect(learner.version == PolicyVersion(1))
        for (a, b) in zip(try learner.model.namedTensors(), try other.model.namedTensors()) {
            #expect(try a.tensor.bytes() == b.tensor.bytes(), "\(a.name)")
        }
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
        try OptimizerFile.write(first.optimizerState(), to: folder)
        let weights = folder.appendingPathComponent("model.safetensors")
        try SafetensorsWriter.write(first.model.namedTensors(), to: weights)
        for step in 3..<6 { _ = try first.learn(golden.batch(step % 2)) }

        let source = ParameterSource(try SafetensorsFile(path: weights.path))
        let second = try Learner(Policy(first.model.configuration, source), settings)
        try second.restore(OptimizerFile.read(from: folder))
        #expect(second.version == PolicyVersion(3))
        for step in 3..<6 { _ = try second.learn(golden.batch(step % 2)) }
        for (a, b) in zip(try first.model.namedTensors(), try second.model.namedTensors()) {
            #expect(try a.tensor.bytes() == b.tensor.bytes(), "\(a.name)")
        }
    }

    @Test func `an optimizer's state of another model is refused by the name of what is missing`() throws {
        let learner = try Learner(GoldenStep().model(), RunConfiguration().learning)
        let state = try learner.optimizerState()
        let missing = OptimizerState(
            steps: 3, version: PolicyVersion(3), moments: Array(state.moments.dropLast()))
        let error = try #require(throws: ModelError.self) { try learner.restore(missing) }
        #expect(error.path == state.moments.last?.name)
        #expect(learner.version == PolicyVersion(0))
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
        let objective = GRPOObjective(clipLow: 0.2, clipHigh: 0.28, importanceCap: 2)
        let new = try Tensor([-1, -1] as [Float], shape: [2])
        try new.requireGradient()
        let row = TrainingRow(prompt: [1], response: [2, 3], behaviour: [-5, -1], advantage: 1)
        let loss = try objective.loss(
            TokenRows([row], logProbabilities: new, old: new.detached(), tokenCount: 2))
        #expect(abs(try loss.item() + 1.5) < 1e-6)
        try loss.backward()
        let gradient = try #require(try new.gradient()).floats()
        #expect(abs(gradient[0] + 1) < 1e-6 && abs(gradient[1] + 0.5) < 1e-6)
    }
}

@Suite struct TokenRowsTests {
    @Test func `an objective is handed rows with their offsets`() throws {
        let rows = [3, 0, 2].map { count in
            TrainingRow(
                prompt: [1], response: [Int32](repeating: 2, count: count),
                behaviour: [Float](repeating: -1, count: count), advantage: Float(count))
        }
        let values = try Tensor([-1, -2, -3, -4, -5] as [Float], shape: [5])
        let tokens = try TokenRows(rows, logProbabilities: values, old: values, tokenCount: 9)
        #expect(tokens.offsets == [0, 3, 3, 5])
        #expect(try tokens.advantage.floats() == [3, 3, 3, 2, 2])
        #expect(try tokens.behaviour.floats() == [-1, -1, -1, -1, -1])
    }
}

@Suite struct MicroBatchTests {
    private func row(_ prompt: [Int32], _ count: Int) -> PromptedResponse {
        .init(prompt: prompt, response: [Int32](repeating: 1, count: count))
    }

    @Test func `a prompt that rows share counts once`() {
        let rows = (0..<4).map { _ in row([1, 2, 3, 4], 4) }
        #expect(MicroBatches.cut(rows, tokens: 20) == [0..<4])
        #expect(MicroBatches.cut(rows, tokens: 12) == [0..<2, 2..<4])
    }

    @Test func `no row is lost, and order is kept`() {
        let rows = (0..<50).map { row([Int32($0 / 8)], 1 + $0 % 13) }
        for limit in [1, 10, 33, 10_000] {
            #expect(MicroBatches.cut(rows, tokens: limit).flatMap { $0 } == Array(0..<50))
        }
        #expect(MicroBatches.cut([], tokens: 10).isEmpty)
    }
}
