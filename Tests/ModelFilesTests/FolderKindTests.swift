import Foundation
import Testing
import Torch
import Transformers

@testable import ModelFiles

/// Folders that people name by mistake, and models that are named by their id.
@Suite struct FolderKindTests {
    @Test(arguments: ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"])
    func `an adapter beside a model or without one is refused by name, never ignored`(name: String) throws {
        try ModelFolder.with { folder in
            try folder.write("{}", to: name)
            let beside = folder.refusal()
            #expect(beside.contains("\(name): is an adapter beside a model") && beside.contains("merge"))
            for file in ["config.json", "model.safetensors"] { try folder.remove(file) }
            let alone = folder.refusal()
            #expect(alone.contains("\(name): is an adapter without its model") && alone.contains("merge"))
        }
    }

    @Test(arguments: ["vocab.json", "tokenizer.model"])
    func `a folder with only a slow tokenizer's files says how to write the fast one`(name: String) throws {
        try ModelFolder.with { folder in
            try folder.remove("tokenizer.json")
            try folder.write("{}", to: name)
            let said = folder.refusal()
            #expect(said.contains(name) && said.contains("save_pretrained(\"\(folder.path)\")"))
            try folder.remove(name)
            #expect(folder.refusal().contains("tokenizer.json: cannot be read"))
        }
    }

    /// A cache with a model in it, made of the files of a folder.
    private func cache(_ folder: ModelFolder, _ id: String = "Some/tiny-1.5") throws -> (
        hub: String, snapshot: String
    ) {
        let hub = folder.url.appendingPathComponent("hub")
        let root = hub.appendingPathComponent("models--" + id.replacing("/", with: "--"))
        let snapshot = root.appendingPathComponent("snapshots/abc123")
        let files = FileManager.default
        try files.createDirectory(at: snapshot, withIntermediateDirectories: true)
        try files.createDirectory(at: root.appendingPathComponent("refs"), withIntermediateDirectories: true)
        try Data("abc123\n".utf8).write(to: root.appendingPathComponent("refs/main"))
        for name in ["config.json", "tokenizer.json", "model.safetensors"] {
            try files.createSymbolicLink(
                atPath: snapshot.appendingPathComponent(name).path,
                withDestinationPath: folder.url.appendingPathComponent(name).path)
        }
        return (hub.path, snapshot.path)
    }

    @Test func `an id of the hub opens from the cache, wherever that is`() throws {
        try ModelFolder.with { folder in
            let (hub, snapshot) = try cache(folder)
            for environment in [
                ["HF_HUB_CACHE": hub], ["HF_HOME": folder.path],
                ["HF_HUB_CACHE": "", "HF_HOME": folder.path],
            ] {
                #expect(try HubCache.folder(of: "Some/tiny-1.5", environment) == snapshot)
            }
            let home = folder.url.appendingPathComponent("home/.cache")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: home.appendingPathComponent("huggingface").path, withDestinationPath: folder.path)
            let found = try HubCache.folder(
                of: "Some/tiny-1.5", ["HOME": folder.url.appendingPathComponent("home").path])
            #expect(found.hasSuffix("/snapshots/abc123"))
            #expect(try ModelDirectory(path: snapshot).load().configuration == folder.policy.configuration)
        }
    }

    @Test func `an id that is not in the cache says how to fetch it`() throws {
        let empty = ["HF_HUB_CACHE": "/nowhere/hub"]
        #expect { try HubCache.folder(of: "Qwen/Qwen2.5-0.5B", empty) } throws: {
            "\($0)".contains("hf download Qwen/Qwen2.5-0.5B --local-dir") && "\($0)".contains("/nowhere/hub")
        }
        for path in ["/a/b", "./b", "../b", "a/b/c", "model", "a/", "~/model", "a /b"] {
            #expect(!HubCache.isID(path), "\(path)")
            #expect(try HubCache.folder(of: path, empty) == path)
        }
    }

    @Test func `the root of a cache entry names its snapshot`() throws {
        try ModelFolder.with { folder in
            let (hub, snapshot) = try cache(folder)
            let root = "\(hub)/models--Some--tiny-1.5"
            #expect(ModelFolder.refusal(of: root).contains("name its snapshot: \(snapshot)"))
            try FileManager.default.removeItem(atPath: snapshot)
            #expect(ModelFolder.refusal(of: root).contains("hf download"))
        }
    }

    @Test func `more chat templates are carried along with the model`() throws {
        try ModelFolder.with { folder in
            let templates = folder.url.appendingPathComponent("additional_chat_templates")
            try FileManager.default.createDirectory(at: templates, withIntermediateDirectories: false)
            try Data("RAG {{messages}}".utf8).write(to: templates.appendingPathComponent("rag.jinja"))
            let opened = try ModelDirectory(path: folder.path)
            let copy = folder.url.appendingPathComponent("copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
            try ModelDirectory.write(folder.policy, opened.companions, to: copy)
            let written = copy.appendingPathComponent("additional_chat_templates/rag.jinja")
            #expect(try String(contentsOf: written, encoding: .utf8) == "RAG {{messages}}")
        }
    }

    @Test func `a folder is written in its own type again, and read from its masters where they are`() throws
    {
        for (dtype, name) in [(DType.bfloat16, "bfloat16"), (.float16, "float16"), (.float32, "float32")] {
            try ModelFolder.with(dtype: dtype) { folder in
                #expect(try ModelDirectory(path: folder.path).storage() == dtype)
                try folder.edit(["torch_dtype": nil])
                try folder.edit(["dtype": name])
                #expect(try ModelDirectory(path: folder.path).storage() == dtype)
                let learner = folder.url.appendingPathComponent("learner")
                try FileManager.default.createDirectory(at: learner, withIntermediateDirectories: false)
                try ModelDirectory.writeMasters(folder.policy, to: folder.url)
                let masters = try ModelDirectory(path: folder.path).load(masters: true)
                #expect(try masters.embedding.bytes() == folder.policy.embedding.bytes())
            }
        }
    }

    @Test func `weights too large for fp16 are written in fp32`() throws {
        try ModelFolder.with { folder in
            let large = try Policy(
                folder.policy.configuration,
                ParameterSource { _, shape in
                    try Tensor([Float](repeating: 1e5, count: shape.reduce(1, *)), shape: shape)
                })
            try ModelDirectory.write(large, CompanionFiles([:]), dtype: .float16, to: folder.url)
            let opened = try ModelDirectory(path: folder.path)
            #expect(try opened.storage() == .float32)
            #expect(try opened.load().embedding.floats().first == 1e5)
        }
    }
}
