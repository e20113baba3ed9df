package import Foundation
package import Tokenization
package import Torch
package import Transformers

/// A Hugging Face model folder: `config.json`, weights, `tokenizer.json` and what goes with them.
package struct ModelDirectory: Sendable {
    package static let weights = "model.safetensors"
    package static let configuration = "config.json"

    package let path: String
    package let configuration: PolicyConfiguration
    /// The bytes of the files that are carried over into what is written.
    package let companions: CompanionFiles
    package let tokenizer: Tokenizer

    /// The bytes of `tokenizer.json`, as workers get them.
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
            // What ends a response is the configuration's to say.
            tokenizer = try Tokenizer(
                contentsOf: Array(companions[CompanionFiles.tokenizer] ?? Data()), requiresEnd: false)
        } catch {
            // It names the file itself.
            throw ModelError(path: path, "\(error)")
        }
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw ModelError(
                path: path,
                "tokenizer.json has \(tokenizer.vocabularySize) tokens, config.json says vocab_size "
                    + "\(configuration.vocabularySize); take both files from the same model")
        }
    }

    /// Checks that the weights are there, each with its shape, and nothing else; reads none of them.
    ///
    /// - Throws: `ModelError` naming file and tensor; `TorchError` without libtorch.
    package func checkWeights() throws { try WeightFiles(folder: path).check(against: configuration) }

    /// Builds the model with the folder's weights, as float32 masters.
    ///
    /// - Throws: as `checkWeights`, and for a weight that is not finite.
    package func load() throws -> Policy {
        let files = try WeightFiles(folder: path)
        try files.check(against: configuration)
        return try Policy(configuration, ParameterSource(files))
    }

    /// Writes a folder that transformers and vLLM open.
    ///
    /// - Parameter dtype: the type that the weights are stored in.
    package static func write(
        _ policy: Policy, _ companions: CompanionFiles, dtype: DType = .float32, to url: URL
    ) throws {
        try policy.configuration.json(dtype: dtype).write(to: url.appendingPathComponent(configuration))
        for (name, data) in companions.contents { try data.write(to: url.appendingPathComponent(name)) }
        let tensors = try policy.namedTensors().map {
            NamedTensor($0.name, try $0.tensor.converted(to: dtype))
        }
        try SafetensorsWriter.write(tensors, to: url.appendingPathComponent(weights))
    }
}
