package import Foundation
import Host
import StrictJSON
package import Tokenization
package import Torch
package import Transformers

/// A Hugging Face model folder: `config.json`, the weights, `tokenizer.json` and companion files.
package struct ModelDirectory: Sendable {
    package static let weights = "model.safetensors"
    package static let configuration = "config.json"
    /// The fp32 master weights of a checkpoint, beside the optimizer's state.
    private static let masters = "learner/masters.safetensors"

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
        try FolderKind.requireModel(path)
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
    /// - Parameter masters: whether the masters of a checkpoint, where it has any, come before its weights, which are
    ///   the same rounded.
    /// - Throws: the errors of `checkWeights`, and `ModelError` for a weight that is not finite.
    package func load(masters: Bool = false) throws -> Policy {
        let file = "\(path)/\(Self.masters)"
        let files =
            try masters && ModelFile.exists(file)
            ? WeightFiles(SafetensorsFile(path: file)) : WeightFiles(folder: path)
        try files.check(against: configuration)
        return try Policy(configuration, ParameterSource(files))
    }

    /// The type of the folder's weights: what `config.json` says, as transformers reads it, else that of the embedding.
    ///
    /// - Throws: `ModelError`.
    package func storage() throws -> DType {
        let file = "\(path)/\(Self.configuration)"
        let json = try ModelFile.read(file, atMost: 1 << 20)
        var named: String?
        do throws(JSONError) {
            var object = try ObjectReader(file: json)
            named = try (object.optional("dtype") ?? object.optional("torch_dtype"))?.string()
        } catch {
            throw ModelError(path: file, error)
        }
        let found =
            try named.flatMap { name in DType.allCases.first { $0.torchName == name } }
            ?? WeightFiles(folder: path).entry("model.embed_tokens.weight")?.entry.dtype
        // Masters have no more bits than this.
        return found == .bfloat16 || found == .float16 ? found ?? .float32 : .float32
    }

    /// Writes a folder that transformers and vLLM open; holds one tensor of the type at a time.
    ///
    /// - Parameter dtype: the type in which the weights are stored; fp32 in place of fp16 when a weight is too large
    ///   for that.
    /// - Throws: `FileError`, `TorchError`.
    package static func write(
        _ policy: Policy, _ companions: CompanionFiles, dtype: DType = .float32, to url: URL
    ) throws {
        let fits =
            try dtype != .float16
            || policy.namedTensors().allSatisfy {
                try $0.tensor.converted(to: dtype).converted(to: .float32).sum().item().isFinite
            }
        let dtype = fits ? dtype : .float32
        try Files().write(
            policy.configuration.json(dtype: dtype), to: url.appendingPathComponent(configuration).path)
        try companions.write(to: url)
        try SafetensorsWriter.write(
            policy.namedTensors(), as: dtype, to: url.appendingPathComponent(weights))
    }

    /// Writes the fp32 master weights into the folder of a checkpoint, which has a folder `learner`.
    ///
    /// - Throws: `FileError`, `TorchError`.
    package static func writeMasters(_ policy: Policy, to url: URL) throws {
        try SafetensorsWriter.write(policy.namedTensors(), to: url.appendingPathComponent(masters))
    }
}
