package import Foundation
package import Tokenization
package import Torch

/// A Hugging Face model folder: `config.json`, `model.safetensors`, `tokenizer.json` and what goes with them.
package struct ModelDirectory {
    package static let weights = "model.safetensors"

    package let path: String
    package let configuration: PolicyConfiguration
    /// The bytes of `config.json` and `tokenizer.json`, as workers get them.
    package let configurationJSON: Data
    package let tokenizerJSON: Data
    package let tokenizer: Tokenizer

    /// Opens a folder and checks everything but the weights.
    ///
    /// - Throws: `ModelError` or `TokenizerError` naming the file and what is wrong with it.
    package init(path: String) throws {
        func read(_ name: String) throws(ModelError) -> Data {
            let file = "\(path)/\(name)"
            guard let data = FileManager.default.contents(atPath: file) else {
                throw ModelError(
                    path: file,
                    "cannot be read; a model folder has config.json, \(Self.weights) and tokenizer.json")
            }
            return data
        }
        self.path = path
        configurationJSON = try read("config.json")
        tokenizerJSON = try read("tokenizer.json")
        configuration = try PolicyConfiguration(json: configurationJSON, path: "\(path)/config.json")
        tokenizer = try Tokenizer(contentsOf: Array(tokenizerJSON))
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw ModelError(
                path: path,
                "tokenizer.json has \(tokenizer.vocabularySize) tokens, config.json says vocab_size \(configuration.vocabularySize)"
            )
        }
    }

    /// Builds the model with the folder's weights, as float32 masters.
    package func load() throws -> Qwen2 {
        let file = try SafetensorsFile(path: "\(path)/\(Self.weights)")
        return try Qwen2(configuration, ParameterSource(file))
    }

    /// Writes a folder that transformers and vLLM open.
    ///
    /// - Parameters:
    ///   - dtype: the type that the weights are stored in.
    ///   - tokenizerConfigurationJSON: `tokenizer_config.json`, when there is one.
    package static func write(
        _ model: Qwen2, tokenizerJSON: Data, tokenizerConfigurationJSON: Data?, dtype: DType = .float32,
        to url: URL
    ) throws {
        try model.configuration.json().write(to: url.appendingPathComponent("config.json"))
        try tokenizerJSON.write(to: url.appendingPathComponent("tokenizer.json"))
        try tokenizerConfigurationJSON?.write(to: url.appendingPathComponent("tokenizer_config.json"))
        let tensors = try model.namedTensors().map {
            NamedTensor($0.name, try $0.tensor.converted(to: dtype))
        }
        try SafetensorsWriter.write(tensors, to: url.appendingPathComponent(weights))
    }
}

extension Qwen2 {
    /// Every tensor under its Hugging Face name, in the order of names, sharing memory with the leaves.
    package func namedTensors() throws -> [NamedTensor] {
        try parameters.flatMap { try $0.split($0.leaf.detached()) }.sorted { $0.name < $1.name }
    }
}
