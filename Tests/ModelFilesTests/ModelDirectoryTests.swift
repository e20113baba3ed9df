import Foundation
import ModelFiles
import Testing
import Torch
import Transformers

@Suite struct ModelDirectoryTests {
    @Test(arguments: PolicyFamily.allCases)
    func `a folder that is written opens with the same weights, configuration and companions`(
        family: PolicyFamily
    ) throws {
        try ModelFolder.with(family) { folder in
            let others = ["special_tokens_map.json", "generation_config.json", "chat_template.jinja"]
            try folder.write(#"{"eos_token_id": [1, 7]}"#, to: "generation_config.json")
            try folder.write("{}", to: "special_tokens_map.json")
            try folder.write("{{ messages }}", to: "chat_template.jinja")
            let opened = try ModelDirectory(path: folder.path)
            #expect(opened.configuration.family == family)
            #expect(opened.configuration.endTokens == [1, 7])
            let loaded = try opened.load()
            for (a, b) in zip(try folder.policy.namedTensors(), try loaded.namedTensors()) {
                #expect(a.name == b.name)
                #expect(try a.tensor.bytes() == b.tensor.bytes())
            }
            let copy = folder.url.appendingPathComponent("copy")
            try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: false)
            try ModelDirectory.write(loaded, opened.companions, to: copy)
            #expect(try ModelDirectory(path: copy.path).configuration == opened.configuration)
            for name in others + ["tokenizer.json", "tokenizer_config.json"] {
                let (a, b) = (folder.url.appendingPathComponent(name), copy.appendingPathComponent(name))
                #expect(try Data(contentsOf: a) == Data(contentsOf: b), "\(name)")
            }
        }
    }

    @Test(arguments: [DType.bfloat16, .float16])
    func `weights stored in half the bytes come back as float32`(dtype: DType) throws {
        try ModelFolder.with(dtype: dtype) { folder in
            let loaded = try ModelDirectory(path: folder.path).load()
            #expect(loaded.embedding.dtype == .float32)
            let pairs = try zip(folder.policy.embedding.floats(), loaded.embedding.floats())
            let difference = pairs.map { abs($0 - $1) }.max() ?? 1
            #expect(difference > 0 && difference < 1e-3)
        }
    }

    @Test(arguments: ["config.json", "tokenizer.json", "model.safetensors"])
    func `a folder that lacks a file names it`(name: String) throws {
        try ModelFolder.with { folder in
            try folder.remove(name)
            #expect(folder.refusal().contains(name))
        }
    }

    @Test func `what is no folder, no file or only a pointer to one is said`() throws {
        #expect(ModelFolder.refusal(of: "/nowhere/model").contains("/nowhere/model: is not a folder"))
        try ModelFolder.with { folder in
            try folder.write(
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", to: "model.safetensors")
            #expect(folder.refusal().contains("git lfs pull"))
            try folder.remove("model.safetensors")
            try folder.write("x", to: "pytorch_model.bin")
            #expect(folder.refusal().contains("pytorch_model.bin is not read"))
            try folder.remove("config.json")
            // Opening a pipe that nobody writes to would wait for ever.
            #expect(mkfifo("\(folder.path)/config.json", 0o600) == 0)
            #expect(folder.refusal().contains("config.json: is not a file"))
        }
    }

    @Test func `a tokenizer with more tokens than the model is refused`() throws {
        try ModelFolder.with { folder in
            var configuration = folder.policy.configuration
            configuration.vocabularySize = 90
            try configuration.json().write(to: folder.url.appendingPathComponent("config.json"))
            #expect(
                folder.refusal().contains("tokenizer.json has 100 tokens, config.json says vocab_size 90"))
        }
    }

    @Test func `a tokenizer that cannot be read is named by its file`() throws {
        try ModelFolder.with { folder in
            try folder.write("{", to: "tokenizer.json")
            #expect(folder.refusal().contains("tokenizer.json"))
        }
    }
}
