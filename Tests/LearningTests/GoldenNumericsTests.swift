import Learning
import Reinforcement
import Settings
import Testing
import Torch
import Transformers

/// Loss, gradients and ten steps against PyTorch and transformers, from the golden file.
@Suite struct GoldenNumericsTests {
    private var settings: LearningSettings {
        var settings = RunConfiguration().learning
        settings.rate = 1e-3
        settings.warmup = 3
        settings.halfLife = 0
        settings.betas = [0.9, 0.95]
        return settings
    }

    private func expectClose(_ ours: [Float], _ theirs: [Float], _ tolerance: Float, _ name: String) {
        #expect(ours.count == theirs.count, "\(name)")
        let worst = zip(ours, theirs).map { abs($0 - $1) / (1e-2 + abs($1)) }.max() ?? 0
        #expect(worst < tolerance, "\(name) differs by \(worst)")
    }

    @Test func `the loss on both sides of the clip and every gradient are PyTorch's`() throws {
        let golden = try GoldenStep()
        let model = try golden.model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        let batch = try golden.batch(0)
        let packed = try PackedBatch(
            batch.rows.map { PromptedResponse(prompt: $0.prompt, response: $0.response) })
        let old = try golden.response("grpo.old", of: 0).flatMap { $0 }
        let objective = GRPOObjective(
            clipLow: settings.clipLow, clipHigh: settings.clipHigh, importanceCap: settings.importanceCap)
        let loss = try objective.loss(
            TokenRows(
                batch.rows, logProbabilities: model.logProbabilities(packed),
                old: Tensor(old, shape: [old.count]), tokenCount: batch.tokenCount))
        #expect(abs(try loss.item() - Double(try golden.floats("grpo.loss")[0])) < 1e-6)
        try loss.backward()
        var names = 0
        for parameter in model.parameters {
            for part in try parameter.split(#require(try parameter.leaf.gradient())) {
                try expectClose(
                    part.tensor.floats(), golden.floats("grpo.gradient.\(part.name)"), 1e-3, part.name)
                names += 1
            }
        }
        #expect(names == 26)
    }

    @Test func `ten steps give PyTorch's losses, gradient norms and weights`() throws {
        let golden = try GoldenStep()
        let learner = try Learner(golden.model(), settings)
        let losses = try golden.floats("steps.loss")
        let norms = try golden.floats("steps.gradient_norm")
        for step in 0..<10 {
            let report = try learner.learn(golden.batch(step % 2))
            #expect(abs(Float(report.loss) - losses[step]) < 1e-4, "loss of step \(step)")
            #expect(
                abs(Float(report.gradientNorm) - norms[step]) < 1e-3 * norms[step], "norm of step \(step)")
            guard [1, 2, 5, 10].contains(step + 1) else { continue }
            for tensor in try learner.model.namedTensors() {
                let expected = try golden.floats("steps.\(step + 1).weight.\(tensor.name)")
                let worst = try zip(tensor.tensor.floats(), expected).map { abs($0 - $1) }.max() ?? 1
                #expect(worst < 1e-4, "\(tensor.name) after \(step + 1) steps differs by \(worst)")
            }
        }
        #expect(learner.version == PolicyVersion(10))
    }
}
