import Foundation
import Testing

/// A model folder that cannot be used costs one sentence, exit code 2, and leaves nothing behind.
@Suite struct BrokenModelTests {
    enum Damage: String, CaseIterable, CustomTestStringConvertible {
        case noConfiguration, hostileConfiguration, unknownRope, cutWeights, otherSizes, strangeTokenizer
        case noWeights, smallVocabulary

        var testDescription: String { rawValue }

        /// What the sentence names.
        var words: [String] {
            switch self {
            case .noConfiguration: ["config.json", "cannot be read"]
            case .hostileConfiguration: ["config.json", "is not a JSON object"]
            case .unknownRope: ["config.json", "rope_scaling.rope_type yarn is not implemented"]
            case .cutWeights: ["model.safetensors", "not a usable safetensors file"]
            case .otherSizes:
                ["model.safetensors", "gate_proj.weight is [32, 16], config.json says [48, 16]"]
            case .strangeTokenizer: ["tokenizer.json", "Unigram"]
            case .noWeights: ["has neither model.safetensors nor model.safetensors.index.json"]
            case .smallVocabulary: ["tokenizer.json has", "vocab_size 50"]
            }
        }

        func apply(to folder: URL) throws {
            let configuration = folder.appending(path: "config.json")
            let weights = folder.appending(path: "model.safetensors")
            switch self {
            case .noConfiguration: try FileManager.default.removeItem(at: configuration)
            case .hostileConfiguration:
                try Data(String(repeating: "{\"a\":", count: 100_000).utf8).write(to: configuration)
            case .unknownRope: try edit(configuration, "rope_scaling", ["rope_type": "yarn", "factor": 4.0])
            case .cutWeights: try Data(contentsOf: weights).dropLast(100).write(to: weights)
            case .otherSizes: try edit(configuration, "intermediate_size", 48)
            case .strangeTokenizer:
                try edit(folder.appending(path: "tokenizer.json"), "model", ["type": "Unigram", "vocab": []])
            case .noWeights: try FileManager.default.removeItem(at: weights)
            case .smallVocabulary: try edit(configuration, "vocab_size", 50)
            }
        }

        private func edit(_ file: URL, _ key: String, _ value: Any) throws {
            var object = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
            object[key] = value
            try JSONSerialization.data(withJSONObject: object).write(to: file)
        }
    }

    private func broken(_ damage: Damage) async throws -> (scratch: Scratch, model: String) {
        let scratch = try Scratch()
        let model = scratch.url.appending(path: "model")
        try FileManager.default.copyItem(atPath: try await TinyModel.folder(), toPath: model.path)
        try damage.apply(to: model)
        return (scratch, model.path)
    }

    @Test(arguments: Damage.allCases)
    func `a command says in one sentence what is wrong with a model`(damage: Damage) async throws {
        let (scratch, model) = try await broken(damage)
        defer { withExtendedLifetime(scratch) {} }
        let outcome = try await PonderProcess.run("logprobs", "--model", model, input: "{\"ids\":[5,6]}\n")
        #expect(outcome.status == 2)
        #expect(outcome.output == "")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        for words in damage.words { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
    }

    @Test(arguments: Damage.allCases)
    func `a run does not begin with such a model, and no folder is made`(damage: Damage) async throws {
        let (scratch, model) = try await broken(damage)
        let configuration = try scratch.write("run.yaml", "policy: {model: \"\(model)\"}\n")
        let run = scratch.path("run")
        let outcome = try await PonderProcess.run("train", configuration, "--run", run, "--workers", "1")
        #expect(outcome.status == 2)
        for words in damage.words { #expect(outcome.errors.contains(words), "\(outcome.errors)") }
        #expect(!FileManager.default.fileExists(atPath: run))
    }

    @Test func `a run needs a token that ends a response`() async throws {
        let scratch = try Scratch()
        let model = scratch.url.appending(path: "model")
        try FileManager.default.copyItem(atPath: try await TinyModel.folder(), toPath: model.path)
        let file = model.appending(path: "config.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing(#""eos_token_id": 1"#, with: #""eos_token_id": null"#).utf8).write(to: file)
        let configuration = try scratch.write("run.yaml", "policy: {model: \"\(model.path)\"}\n")
        let run = try await PonderProcess.run("train", configuration, "--run", scratch.path("run"))
        #expect(run.status == 2)
        #expect(run.errors.contains("names no token that ends a response"), "\(run.errors)")
        let asked = try await PonderProcess.run(
            "generate", "--model", model.path, "--max-new", "3", input: "{\"ids\":[5]}\n")
        #expect(asked.status == 0)
    }

    @Test func `a prompt that fills the model's positions is refused with its line`() async throws {
        let ids = [Int](repeating: 9, count: 250)
        let outcome = try await PonderProcess.run(
            "generate", "--model", try await TinyModel.folder(), "--max-new", "10",
            input: "{\"ids\":\(ids)}\n")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("max_position_embeddings"), "\(outcome.errors)")
    }

    @Test(arguments: [
        #"{"prompt":"1","ids":[5]}"#, "{}", #"{"ids":[-1]}"#, #"{"ids":[5000]}"#, #"{"ids":[]}"#,
    ])
    func `a prompt is text or ids of the vocabulary, not both and not neither`(line: String) async throws {
        let outcome = try await PonderProcess.run(
            "generate", "--model", try await TinyModel.folder(), "--max-new", "2", input: line + "\n")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("line 1"), "\(outcome.errors)")
        #expect(outcome.output == "")
    }

    @Test func `ids are continued as the text that they stand for`() async throws {
        let folder = try await TinyModel.folder()
        let ids = try await PonderProcess.run("tokenize", "--model", folder, input: #"{"text":"Q:1+1=?"}"#)
        let arguments = ["generate", "--model", folder, "--max-new", "6", "--seed", "4"]
        let byText = try await PonderProcess.run(arguments, input: #"{"prompt":"Q:1+1=?"}"#)
        let byIds = try await PonderProcess.run(arguments, input: ids.output)
        #expect(byIds.status == 0 && byText.status == 0)
        #expect(try byIds.object()["ids"] as? [Int] == byText.object()["ids"] as? [Int])
        #expect(try byIds.object()["prompt"] == nil)
    }
}
