import Foundation
import Testing
import Tokenization
import Torch
import Transformers

@Suite struct ModelDirectoryTests {
    private func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ponder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        return try body(url)
    }

    private func write(_ url: URL, dtype: DType = .float32) throws -> Policy {
        let vocabulary = try CharacterVocabulary()
        let configuration = PolicyConfiguration(
            vocabularySize: vocabulary.size, hidden: 16, layers: 1, heads: 2, kvHeads: 1, ffn: 24)
        let model = try Policy(configuration, .random(seed: 5))
        try ModelDirectory.write(
            model,
            CompanionFiles(
                tokenizerJSON: vocabulary.tokenizerJSON,
                tokenizerConfigurationJSON: vocabulary.tokenizerConfigurationJSON(maximumLength: 64)),
            dtype: dtype, to: url)
        return model
    }

    @Test func `a folder that is written opens with the same weights and configuration`() throws {
        try withFolder { url in
            let model = try write(url)
            let opened = try ModelDirectory(path: url.path)
            #expect(opened.configuration == model.configuration)
            let loaded = try opened.load()
            for (a, b) in zip(try model.namedTensors(), try loaded.namedTensors()) {
                #expect(a.name == b.name)
                #expect(try a.tensor.bytes() == b.tensor.bytes())
            }
        }
    }

    @Test func `weights stored in half the bytes come back as float32`() throws {
        try withFolder { url in
            let model = try write(url, dtype: .bfloat16)
            let loaded = try ModelDirectory(path: url.path).load()
            #expect(loaded.embedding.dtype == .float32)
            let difference =
                try zip(model.embedding.floats(), loaded.embedding.floats()).map { abs($0 - $1) }.max() ?? 1
            #expect(difference > 0 && difference < 1e-3)
        }
    }

    @Test(
        arguments: [
            ("model_type", #""llama""#), ("hidden_act", #""gelu""#), ("vocab_size", "0"),
            ("num_attention_heads", "3"),
            ("rope_scaling", #"{"rope_type":"yarn","factor":4}"#), ("use_sliding_window", "true"),
            ("layer_types", #"["sliding_attention"]"#), ("hidden_size", #""wide""#),
        ])
    func `what is not implemented is refused by name`(key: String, value: String) throws {
        try withFolder { url in
            _ = try write(url)
            let path = url.appendingPathComponent("config.json")
            var object = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
            object[key] = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
            try JSONSerialization.data(withJSONObject: object).write(to: path)
            let error = try #require(throws: ModelError.self) { _ = try ModelDirectory(path: url.path) }
            let words = key == "rope_scaling" ? "yarn" : key == "layer_types" ? "sliding_attention" : key
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test(arguments: ["config.json", "tokenizer.json", "model.safetensors"])
    func `a folder that lacks a file names it`(name: String) throws {
        try withFolder { url in
            _ = try write(url)
            try FileManager.default.removeItem(at: url.appendingPathComponent(name))
            let error = try #require(throws: ModelError.self) {
                _ = try ModelDirectory(path: url.path).load()
            }
            #expect(error.description.contains(name))
        }
    }

    @Test func `a tokenizer with more tokens than the model is refused`() throws {
        try withFolder { url in
            let model = try write(url)
            var configuration = model.configuration
            configuration.vocabularySize = 90
            try configuration.json().write(to: url.appendingPathComponent("config.json"))
            #expect(throws: ModelError.self) { try ModelDirectory(path: url.path) }
        }
    }
}
