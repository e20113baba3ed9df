import Foundation
import ModelFiles
import Testing
import Torch
import Transformers

@Suite struct WeightFilesTests {
    /// Layers apart from the rest.
    private func place(_ name: String) -> String {
        name.contains("layers.1") ? "model-00002-of-00002.safetensors" : "model-00001-of-00002.safetensors"
    }

    @Test(arguments: PolicyFamily.allCases)
    func `shards open as the one file does`(family: PolicyFamily) throws {
        try ModelFolder.with(family) { folder in
            try folder.shard(place)
            let loaded = try ModelDirectory(path: folder.path).load()
            for (a, b) in zip(try folder.policy.namedTensors(), try loaded.namedTensors()) {
                #expect(try a.name == b.name && a.tensor.bytes() == b.tensor.bytes())
            }
        }
    }

    @Test func `a missing shard is named with the index that lists it`() throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            try folder.remove("model-00002-of-00002.safetensors")
            let said = folder.refusal()
            #expect(said.contains("index.json: lists model-00002-of-00002.safetensors"), "\(said)")
        }
    }

    @Test func `a shard that was cut short is named`() throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            let file = folder.url.appendingPathComponent("model-00002-of-00002.safetensors")
            try Data(contentsOf: file).dropLast(10).write(to: file)
            #expect(folder.refusal().contains("model-00002-of-00002.safetensors: not a usable"))
        }
    }

    @Test func `an index that does not fit its shards is refused with the tensor`() throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            let all = try folder.policy.namedTensors().map { ($0.name, place($0.name)) }
            let norm = "model.norm.weight"
            // In another shard than the index says; not in the index; in the index alone.
            try folder.writeIndex(all + [(norm, place("layers.1"))])
            #expect(folder.refusal().contains("00001-of-00002.safetensors: has the tensor \(norm), which"))
            try folder.writeIndex(all.filter { $0.0 != norm })
            #expect(
                folder.refusal().contains(
                    "has the tensor \(norm), which model.safetensors.index.json does not list"))
            try folder.writeIndex(all + [("model.other", place(""))])
            #expect(
                folder.refusal().contains(
                    "has no tensor model.other, which model.safetensors.index.json says"))
        }
    }

    @Test func `a tensor that two shards have is refused`() throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            let twice = try folder.policy.namedTensors().filter {
                $0.name.contains("layers.1") || $0.name == "model.norm.weight"
            }
            try SafetensorsWriter.write(twice, to: folder.url.appendingPathComponent(place("layers.1")))
            #expect(folder.refusal().contains("has the tensor model.norm.weight, which"))
        }
    }

    @Test(arguments: [
        "../model.safetensors", "/etc/passwd", "a/b.safetensors", "weights.bin", ".safetensors",
    ])
    func `an index leads nowhere but to files of its folder`(name: String) throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            try folder.writeIndex([("model.norm.weight", name)])
            #expect(folder.refusal().contains("not in a .safetensors file of this folder"))
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"weight_map": {}}"#, #"{"weight_map": {"a": 1}}"#, #"{"weight_map": []}"#,
    ])
    func `an index of another form is refused`(text: String) throws {
        try ModelFolder.with { folder in
            try folder.shard(place)
            try folder.write(text, to: "model.safetensors.index.json")
            #expect(folder.refusal().contains("model.safetensors.index.json: "))
        }
    }

    @Test func `weights of other sizes, fewer or more than the configuration's are named`() throws {
        try ModelFolder.with { folder in
            try folder.edit(["num_hidden_layers": 3])
            #expect(folder.refusal().contains("has no tensor model.layers.2.input_layernorm.weight"))
            // A number of layers out of thin air costs no more than one.
            try folder.edit(["num_hidden_layers": 4096])
            #expect(folder.refusal().contains("has no tensor model.layers.2.input_layernorm.weight"))
            try folder.edit(["num_hidden_layers": 1])
            let more = folder.refusal()
            #expect(
                more.contains("has the tensor model.layers.1.input_layernorm.weight") && more.contains("more")
            )
            try folder.edit(["num_hidden_layers": 2, "intermediate_size": 25])
            #expect(folder.refusal().contains("gate_proj.weight is [24, 16], config.json says [25, 16]"))
        }
    }

    @Test func `another family's weights are refused`() throws {
        try ModelFolder.with(.qwen2) { folder in
            try folder.edit([
                "model_type": "llama", "architectures": ["LlamaForCausalLM"], "use_sliding_window": nil,
            ])
            #expect(folder.refusal().contains("has the tensor model.layers.0.self_attn.k_proj.bias"))
        }
    }

    @Test func `a tied head that is stored as well must be the embedding`() throws {
        try ModelFolder.with(.qwen2) { folder in
            let file = folder.url.appendingPathComponent("model.safetensors")
            let tensors = try folder.policy.namedTensors()
            let embedding = try folder.policy.embedding.detached()
            try SafetensorsWriter.write(tensors + [NamedTensor("lm_head.weight", embedding)], to: file)
            #expect(folder.refusal() == "")
            let other = NamedTensor("lm_head.weight", try embedding * 2)
            try SafetensorsWriter.write(tensors + [other], to: file)
            #expect(folder.refusal().contains("lm_head.weight differs from model.embed_tokens.weight"))
        }
    }

    @Test func `buffers that old files keep are no weights`() throws {
        try ModelFolder.with { folder in
            let buffer = NamedTensor("model.layers.0.self_attn.rotary_emb.inv_freq", try Tensor.zeros([2]))
            try SafetensorsWriter.write(
                try folder.policy.namedTensors() + [buffer],
                to: folder.url.appendingPathComponent("model.safetensors"))
            #expect(folder.refusal() == "")
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func `a weight that is not finite is named`(value: Float) throws {
        try ModelFolder.with { folder in
            let tensors = try folder.policy.namedTensors().map { named in
                guard named.name == "model.norm.weight" else { return named }
                var numbers = try named.tensor.floats()
                numbers[3] = value
                return NamedTensor(named.name, try Tensor(numbers, shape: named.tensor.shape))
            }
            try SafetensorsWriter.write(tensors, to: folder.url.appendingPathComponent("model.safetensors"))
            #expect(folder.refusal().contains("model.norm.weight has a number that is not finite"))
        }
    }

    @Test func `whole numbers are no weights`() throws {
        try ModelFolder.with { folder in
            let tensors = try folder.policy.namedTensors().map { named in
                named.name == "model.norm.weight"
                    ? NamedTensor(named.name, try Tensor([Int64](repeating: 1, count: 16), shape: [16]))
                    : named
            }
            try SafetensorsWriter.write(tensors, to: folder.url.appendingPathComponent("model.safetensors"))
            #expect(folder.refusal().contains("model.norm.weight is I64; weights are F32, BF16 or F16"))
        }
    }
}
