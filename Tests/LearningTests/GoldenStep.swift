import Foundation
import ModelFiles
import Reinforcement
import Torch
import Transformers

/// Batches and results of `Scripts/peers/golden.py`.
struct GoldenStep {
    let file: SafetensorsFile
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Golden")

    init() throws {
        file = try SafetensorsFile(path: Self.folder.appendingPathComponent("golden.safetensors").path)
    }

    func model() throws -> Policy {
        let path = Self.folder.appendingPathComponent("qwen2-tiny").path
        let json = try Data(contentsOf: URL(fileURLWithPath: "\(path)/config.json"))
        return try Policy(
            PolicyConfiguration(json: json, path: path),
            ParameterSource(SafetensorsFile(path: "\(path)/model.safetensors")))
    }

    func integers(_ name: String) throws -> [Int] {
        try file.tensor(name).bytes().withUnsafeBytes { $0.bindMemory(to: Int64.self).map(Int.init) }
    }

    func floats(_ name: String) throws -> [Float] { try file.tensor(name).floats() }

    /// The rows of a batch, and for each the values of a [rows, tokens − 1] tensor at its response tokens.
    func batch(_ number: Int) throws -> TrainingBatch {
        let rows = try rows(number)
        let behaviour = try response("batch\(number).behaviour", of: number)
        let advantages = try floats("batch\(number).advantages")
        return TrainingBatch(
            rows: rows.indices.map {
                TrainingRow(
                    prompt: rows[$0].prompt, response: rows[$0].response, behaviour: behaviour[$0],
                    advantage: advantages[$0])
            },
            tokenCount: Int(try floats("batch\(number).total_tokens")[0]))
    }

    func rows(_ number: Int) throws -> [(prompt: [Int32], response: [Int32])] {
        let ids = try integers("batch\(number).ids")
        let lengths = try integers("batch\(number).lengths")
        let prompts = try integers("batch\(number).prompt_lengths")
        let width = ids.count / lengths.count
        return lengths.indices.map { row in
            let tokens = ids[row * width..<row * width + lengths[row]].map(Int32.init)
            return (Array(tokens.prefix(prompts[row])), Array(tokens.dropFirst(prompts[row])))
        }
    }

    func response(_ name: String, of number: Int) throws -> [[Float]] {
        let values = try floats(name)
        let lengths = try integers("batch\(number).lengths")
        let prompts = try integers("batch\(number).prompt_lengths")
        let width = values.count / lengths.count
        return lengths.indices.map { row in
            Array(values[row * width + prompts[row] - 1..<row * width + lengths[row] - 1])
        }
    }
}
