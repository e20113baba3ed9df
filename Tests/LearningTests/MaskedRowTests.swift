import Foundation
import Learning
import Reinforcement
import Settings
import Testing
import Torch
import Transformers

/// Rows with tokens that an environment gave, against the loss worked out by hand.
@Suite struct MaskedRowTests {
    /// Three sampled segments around two given ones, and a row that is sampled throughout.
    private let rows = [
        TrainingRow(
            prompt: [5, 6], response: [7, 8, 20, 21, 9, 22, 10, 1], sampled: [0..<2, 4..<5, 6..<8],
            behaviour: [-3.5, -4, -2, -5, -4.5], advantage: 0.75),
        TrainingRow(prompt: [5, 6], response: [11, 1], behaviour: [-4, -3], advantage: -0.5),
    ]

    private func gradients(_ model: Policy) throws -> [Float] {
        try model.parameters.flatMap { parameter -> [Float] in
            try #require(try parameter.leaf.gradient()).floats()
        }
    }

    private func model() throws -> Policy {
        let model = try GoldenStep().model()
        for parameter in model.parameters { try parameter.leaf.requireGradient() }
        return model
    }

    @Test(arguments: [1, 3], [false, true])
    func `loss and gradient of a masked row are those of its sampled tokens, given everything before them`(
        threads: Int, checkpointing: Bool
    ) throws {
        var settings = RunConfiguration().learning
        settings.activationCheckpointing = checkpointing
        let masked = try model()
        let report = try ShardedStep(PolicyGradient(settings), masked, threads: threads)
            .backward(TrainingBatch(rows: rows, tokenCount: 7))

        // By hand: each sampled token alone, behind everything before it, gives −w·A / 7, and the gradient of log π
        // times that.
        let plain = try model()
        var (loss, mismatch, entropy) = (0.0, 0.0, 0.0)
        for row in rows {
            for (place, behaviour) in zip(row.sampled.joined(), row.behaviour) {
                let value = try plain.logProbabilities(
                    PackedBatch([
                        PromptedResponse(
                            prompt: row.prompt + row.response[..<place], response: [row.response[place]])
                    ]))
                let log = try value.detached().item()
                let weight = min(exp(log - Double(behaviour)), settings.importanceCap)
                loss -= weight * Double(row.advantage) / 7
                mismatch += abs(log - Double(behaviour)) / 7
                entropy -= log / 7
                try (value.sum() * (-weight * Double(row.advantage) / 7)).backward()
            }
        }
        #expect(abs(report.loss - loss) < 1e-6)
        #expect(abs(report.mismatch - mismatch) < 1e-5)
        #expect(abs(report.entropy - entropy) < 1e-5)
        let worst = zip(try gradients(masked), try gradients(plain)).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-5)
    }

    @Test func `what is given conditions the tokens behind it and has no loss of its own`() throws {
        func loss(_ change: (inout [Int32]) -> Void) throws -> Double {
            var response = rows[0].response
            change(&response)
            let row = TrainingRow(
                prompt: rows[0].prompt, response: response, sampled: rows[0].sampled,
                behaviour: rows[0].behaviour, advantage: rows[0].advantage)
            return try PolicyGradient(RunConfiguration().learning)
                .backward(TrainingBatch(rows: [row], tokenCount: 5), through: model()).loss
        }
        let whole = try loss { _ in }
        #expect(try loss { $0[3] = 23 } != whole)
        // Behind the last sampled token, nothing is conditioned.
        #expect(try loss { $0 += [20, 21] } == whole)
    }
}
