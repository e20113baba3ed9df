import ModelFiles
import Testing
import Torch
import Transformers

@Suite struct Qwen2Tests {
    @Test func `log-probabilities are those that transformers computes`() throws {
        let model = try GoldenFiles.model()
        let golden = try GoldenFiles.numbers()
        let ids = try GoldenFiles.integers(golden, "batch0.ids")
        let lengths = try GoldenFiles.integers(golden, "batch0.lengths")
        let expected = try golden.tensor("forward.logprobs").floats()
        let width = ids.count / lengths.count
        for (row, length) in lengths.enumerated() {
            let tokens = ids[row * width..<row * width + length].map(Int32.init)
            let ours = try model.logProbabilities(of: tokens)
            #expect(ours.count == length - 1)
            for (place, value) in ours.enumerated() {
                #expect(abs(value - expected[row * (width - 1) + place]) < 1e-5)
            }
        }
    }

    @Test func `one token has no log-probability, and no token neither`() throws {
        let model = try GoldenFiles.model()
        #expect(try model.logProbabilities(of: [3]) == [])
        #expect(try model.logProbabilities(of: []) == [])
    }

    @Test func `responses that share a prompt have the same log-probabilities as alone`() throws {
        let model = try GoldenFiles.model()
        let prompt: [Int32] = [5, 6, 7, 8]
        let responses: [[Int32]] = [[9, 10, 11], [12], [13, 14, 15, 16, 1]]
        let rows = responses.map { PromptedResponse(prompt: prompt, response: $0) }
        let shared = try PackedBatch(rows)
        #expect(shared.ids.shape == [4 + 2 + 0 + 4])
        #expect(try PackedBatch(rows, sharingPrompts: false).ids.shape == [3 * 4 + 2 + 0 + 4])
        let together = try model.logProbabilities(shared).floats()
        let alone = try responses.flatMap {
            Array(try model.logProbabilities(of: prompt + $0).suffix($0.count))
        }
        #expect(together.count == alone.count)
        for (a, b) in zip(together, alone) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func `tokens that are not asked for condition the others and have no log-probability`() throws {
        let model = try GoldenFiles.model()
        let prompt: [Int32] = [5, 6, 7, 8]
        let rows = [
            PromptedResponse(prompt: prompt, response: [9, 10, 11, 12, 13], targets: [1..<2, 3..<4]),
            PromptedResponse(prompt: prompt, response: [9, 10], targets: []),
            PromptedResponse(prompt: prompt, response: [14, 15], targets: [0..<1]),
        ]
        let batch = try PackedBatch(rows)
        // The last given token of the first row predicts nothing, nor does the token that is predicted last.
        #expect(batch.ids.shape == [4 + 3])
        let asked = try model.logProbabilities(batch).floats()
        let first = Array(try model.logProbabilities(of: prompt + rows[0].response).suffix(5))
        let last = Array(try model.logProbabilities(of: prompt + [14]).suffix(1))
        #expect(asked.count == 3)
        for (a, b) in zip(asked, [first[1], first[3]] + last) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func `a missing or misshapen tensor is named by its full path`() throws {
        let model = try GoldenFiles.model()
        let file = try SafetensorsFile(path: "\(GoldenFiles.modelFolder)/model.safetensors")
        var configuration = model.configuration
        configuration.layers = 3
        let missing = try #require(throws: ModelError.self) {
            _ = try Policy(configuration, ParameterSource(file))
        }
        #expect(missing.description.contains("model.layers.2."))
        configuration.layers = 2
        configuration.ffn = 48
        let misshapen = try #require(throws: ModelError.self) {
            _ = try Policy(configuration, ParameterSource(file))
        }
        #expect(misshapen.description.contains("mlp") && misshapen.description.contains("[48, 32]"))
    }
}
