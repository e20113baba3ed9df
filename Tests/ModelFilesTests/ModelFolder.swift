import Foundation
import ModelFiles
import Testing
import Tokenization
import Torch
import Transformers

/// A small random model in a folder of its own, for as long as a test looks at it.
struct ModelFolder {
    let url: URL
    let policy: Policy

    var path: String { url.path }

    static func sizes(_ family: PolicyFamily) throws -> PolicyConfiguration {
        PolicyConfiguration(
            family: family, vocabularySize: try CharacterVocabulary().size, hidden: 16, layers: 2, heads: 4,
            kvHeads: 2, headWidth: family == .qwen3 ? 8 : nil, ffn: 24, tiedEmbeddings: family == .qwen2)
    }

    static func with<Result>(
        _ family: PolicyFamily = .llama, dtype: DType = .float32, _ body: (ModelFolder) throws -> Result
    ) throws -> Result {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("ponder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        let vocabulary = try CharacterVocabulary()
        let policy = try Policy(sizes(family), .random(seed: 5))
        try ModelDirectory.write(
            policy,
            CompanionFiles(
                tokenizerJSON: vocabulary.tokenizerJSON,
                tokenizerConfigurationJSON: vocabulary.tokenizerConfigurationJSON(maximumLength: 64)),
            dtype: dtype, to: url)
        return try body(ModelFolder(url: url, policy: policy))
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: url.appendingPathComponent(name))
    }

    /// Changes keys of `config.json`; nil removes one.
    func edit(_ changes: [String: Any?]) throws {
        let path = url.appendingPathComponent("config.json")
        var object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
        for (key, value) in changes { object[key] = value }
        try JSONSerialization.data(withJSONObject: object).write(to: path)
    }

    /// Writes the policy's tensors as the shards of the given places, with their index.
    func shard(_ place: (String) -> String) throws {
        try remove("model.safetensors")
        let tensors = Dictionary(grouping: try policy.namedTensors()) { place($0.name) }
        for (name, members) in tensors {
            try SafetensorsWriter.write(members, to: url.appendingPathComponent(name))
        }
        try writeIndex(try policy.namedTensors().map { ($0.name, place($0.name)) })
    }

    func writeIndex(_ map: [(tensor: String, file: String)]) throws {
        let object = ["weight_map": Dictionary(map.map { ($0.tensor, $0.file) }, uniquingKeysWith: { $1 })]
        try JSONSerialization.data(withJSONObject: object).write(
            to: url.appendingPathComponent("model.safetensors.index.json"))
    }

    /// What is said against the folder when its model is opened and loaded; empty when nothing is.
    func refusal() -> String { Self.refusal(of: path) }

    static func refusal(of path: String) -> String {
        do {
            _ = try ModelDirectory(path: path).load()
            return ""
        } catch {
            return "\(error)"
        }
    }
}
