package import Foundation
import Host
package import Tokenization
package import Torch
package import Transformers

/// A Hugging Face model folder: `config.json`, the weights, `tokenizer.json` and companion files.
package struct ModelDirectory: Sendable {
    package static let weights = "model.safetensors"
    package static let configuration = "config.json"

    package let path: String
    package let configuration: PolicyConfiguration
    /// The files that are copied into each folder written from this one.
    package let companions: CompanionFiles
    package let tokenizer: Tokenizer

    /// The bytes of `tokenizer.json`, which workers receive.
    package var tokenizerJSON: Data { companions[CompanionFiles.tokenizer] ?? Data() }

    /// Opens a folder and checks everything but the weights.
    ///
    /// - Throws: `ModelError` naming the file and what is wrong with it.
    package init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
            throw ModelError(
                path: path,
                "is not a folder; a model is a folder with \(Self.configuration), \(Self.weights) and tokenizer.json"
            )
        }
        let file = "\(path)/\(Self.configuration)"
        let json = try ModelFile.read(file, atMost: 1 << 20)
        self.path = path
        companions = try CompanionFiles(folder: path)
        let generation = "\(path)/\(CompanionFiles.generation)"
        configuration = try PolicyConfiguration(
            json: json, generation: companions[CompanionFiles.generation].map { ($0, generation) }, path: file
        )
        do {
            // The configuration decides which tokens end a response.
            tokenizer = try Tokenizer(
                contentsOf: Array(companions[CompanionFiles.tokenizer] ?? Data()), requiresEnd: false)
        } catch {
            // The tokenizer's error names the file itself.
            throw ModelError(path: path, "\(error)")
        }
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw ModelError(
                path: path,
                "tokenizer.json has \(tokenizer.vocabularySize) tokens, config.json says vocab_size "
                    + "\(configuration.vocabularySize); take both files from the same model")
        }
    }

    /// Checks that exactly the expected weights are there, each with its shape; reads only headers.
    ///
    /// - Throws: `ModelError` naming file and tensor; `TorchError` without libtorch.
    package func checkWeights() throws { try WeightFiles(folder: path).check(against: configuration) }

    /// Builds the model with the folder's weights as fp32 master weights.
    ///
    /// - Throws: the errors of `checkWeights`, and `ModelError` for a weight that is not finite.
    package func load() throws -> Policy {
        let files = try WeightFiles(folder: path)
        try files.check(against: configuration)
        return try Policy(configuration, ParameterSource(files))
    }

    /// Writes a folder that transformers and vLLM open.
    ///
    /// - Parameter dtype: the type in which the weights are stored.
    package static func write(
        _ policy: Policy, _ companions: CompanionFiles, dtype: DType = .float32, to url: URL
    ) throws {
        let files = Files()
        try files.write(
            policy.configuration.json(dtype: dtype), to: url.appendingPathComponent(configuration).path)
        for (name, data) in companions.contents {
            try files.write(data, to: url.appendingPathComponent(name).path)
        }
        let tensors = try policy.namedTensors().map {
            NamedTensor($0.name, try $0.tensor.converted(to: dtype))
        }
        try SafetensorsWriter.write(tensors, to: url.appendingPathComponent(weights))
    }
}
