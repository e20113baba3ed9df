import Foundation
import ModelFiles
import Testing
import Torch
import Transformers

@Suite struct PolicyConfigurationTests {
    private static var llama: [String: Any] {
        [
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu",
            "vocab_size": 100,
            "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "max_position_embeddings": 512,
        ]
    }

    private func read(
        _ changes: [String: Any?] = [:], family: String = "llama", generation: String? = nil
    ) throws -> PolicyConfiguration {
        var object = Self.llama
        object["model_type"] = family
        object["architectures"] = nil
        for (key, value) in changes { object[key] = value }
        return try PolicyConfiguration(
            json: JSONSerialization.data(withJSONObject: object),
            generation: generation.map { (Data($0.utf8), "generation_config.json") }, path: "config.json")
    }

    private func refusal(_ key: String, _ json: String, family: String = "llama") throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        let error = try #require(throws: ModelError.self, "\(key)") {
            _ = try read([key: value], family: family)
        }
        return "\(error)"
    }

    @Test(arguments: PolicyFamily.allCases)
    func `what is written is read again`(family: PolicyFamily) throws {
        for ends in [[], [3], [3, 9]] as [Set<Int32>] {
            let configuration = PolicyConfiguration(
                family: family, vocabularySize: 50, hidden: 24, layers: 3, heads: 3, kvHeads: 1,
                headWidth: 10,
                ffn: 40, maximumPositions: 77, rmsEpsilon: 1e-5,
                rope: RopeSettings(
                    theta: 500_000,
                    llama3: Llama3Scaling(
                        factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64)),
                tiedEmbeddings: ends.isEmpty, endTokens: ends, padToken: ends.isEmpty ? nil : 2, beginToken: 4
            )
            let json = try configuration.json(dtype: .bfloat16)
            #expect(try PolicyConfiguration(json: json, path: "x") == configuration)
            let text = String(decoding: json, as: UTF8.self)
            #expect(text.contains(family.architecture) && text.contains(#""torch_dtype": "bfloat16""#))
            // transformers asks for numbers with a decimal point here.
            #expect(text.contains(#""factor": 8.0"#))
        }
    }

    @Test(
        arguments: [
            ("model_type", #""mistral""#, "llama, qwen2, qwen3"), ("hidden_act", #""gelu""#, "gelu"),
            ("architectures", #"["LlamaForSequenceClassification"]"#, "LlamaForSequenceClassification"),
            ("attention_bias", "true", "attention_bias"), ("mlp_bias", "true", "mlp_bias"),
            ("sliding_window", "128", "sliding_window"),
            ("quantization_config", #"{"quant_method":"gptq"}"#, "quantization_config"),
            ("partial_rotary_factor", "0.5", "partial_rotary_factor"),
            ("layer_types", #"["full_attention","sliding_attention"]"#, "sliding_attention"),
            ("layer_types", #"["full_attention"]"#, "num_hidden_layers"),
            ("rope_scaling", #"{"rope_type":"yarn","factor":4.0}"#, "rope_scaling.rope_type yarn"),
            ("rope_scaling", #"{"type":"linear","factor":2.0}"#, "linear"),
            (
                "rope_parameters", #"{"rope_type":"dynamic","rope_theta":10000.0}"#,
                "rope_parameters.rope_type dynamic"
            ),
            (
                "rope_scaling",
                #"{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0}"#,
                "original_max_position_embeddings is missing"
            ),
            ("rope_scaling", #"{"rope_type":"default","mrope_section":[1]}"#, "rope_scaling.mrope_section"),
            ("rope_scaling", #"{"rope_type":"default","type":"linear"}"#, "rope_scaling.type"),
            ("embedding_multiplier", "12.0", "embedding_multiplier is not a key"),
            ("attn_logit_softcapping", "50.0", "attn_logit_softcapping"),
            ("auto_map", #"{"AutoModel":"x.Y"}"#, "auto_map"),
            ("vocab_size", "0", "vocab_size is 0"), ("hidden_size", #""wide""#, #"hidden_size is "wide""#),
            ("num_attention_heads", "3", "num_attention_heads"),
            ("num_key_value_heads", "3", "num_key_value_heads"),
            ("num_hidden_layers", "1000000000", "num_hidden_layers"),
            ("head_dim", "15", "head_dim 15 is odd"),
            ("eos_token_id", "[2, 100]", "eos_token_id 100"), ("eos_token_id", #""</s>""#, "eos_token_id"),
            ("rms_norm_eps", "-1.0", "rms_norm_eps"), ("rope_theta", "1e39", "rope_theta"),
            ("tie_word_embeddings", "1", "tie_word_embeddings"),
        ])
    func `what is not implemented is refused by name`(key: String, value: String, words: String) throws {
        let said = try refusal(key, value)
        #expect(said.hasPrefix("config.json: ") && said.contains(words), "\(said)")
    }

    @Test(
        arguments: [
            ("hidden_act", #""swish""#), ("attention_dropout", "0.1"), ("resid_pdrop", "0.1"),
            ("rope_scaling", #"{"type":"linear","factor":1.0}"#),
            ("rope_scaling", #"{"rope_type":"linear","factor":1}"#),
            ("rope_parameters", #"{"rope_type":"default","factor":8.0,"rope_theta":10000.0}"#),
            ("use_flash_attention_2", "true"), ("base_model_tp_plan", #"{"a":"b"}"#),
        ])
    func `settings that change nothing are read as if they were not there`(key: String, value: String) throws
    {
        let value = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        #expect(try read([key: value]) == read([:]))
    }

    @Test func `a Qwen's sliding window is refused when it is used`() throws {
        for family in ["qwen2", "qwen3"] {
            let behind: [String: Any?] = [
                "use_sliding_window": true, "sliding_window": 128, "max_window_layers": 2,
            ]
            #expect(try read(behind, family: family) == read([:], family: family))
            let used: [String: Any?] = [
                "use_sliding_window": true, "sliding_window": 128, "max_window_layers": 1,
            ]
            #expect(throws: ModelError.self) { try read(used, family: family) }
            #expect(try refusal("use_sliding_window", "true", family: family).contains("use_sliding_window"))
            let unused: [String: Any?] = [
                "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28,
                "use_mrope": false,
            ]
            #expect(try read(unused, family: family).family.rawValue == family)
        }
        #expect(throws: ModelError.self) { try read(["num_key_value_heads": nil], family: "qwen2") }
    }

    @Test(arguments: ["", "[]", "{", "null", "{\"model_type\": NaN}", String(repeating: "[", count: 100_000)])
    func `what is no object is refused`(text: String) throws {
        let error = try #require(throws: ModelError.self) {
            _ = try PolicyConfiguration(json: Data(text.utf8), path: "config.json")
        }
        #expect("\(error)".contains("config.json: is not a JSON object"), "\(error)")
    }

    @Test(
        arguments: [
            #"{"model_type":"llama","a":1,"a":2}"#, #"{"a":1,"b":{"a":1,"\u0062":[1],"b":2}}"#,
            #"{"x\"y":[{"k":1},{"k":1,"k":1}],"k":1}"#,
        ])
    func `a key that occurs twice is refused, for the last would count elsewhere`(text: String) throws {
        let error = try #require(throws: ModelError.self) {
            _ = try PolicyConfiguration(json: Data(text.utf8), path: "config.json")
        }
        #expect("\(error)".contains("twice"), "\(error)")
        let fine = #"{"a":{"a":["a",",","a"]},"b":"{\"a\":1,\"a\":2}"}"#
        let other = try #require(throws: ModelError.self) {
            _ = try PolicyConfiguration(json: Data(fine.utf8), path: "config.json")
        }
        #expect("\(other)".contains("model_type is missing"))
    }

    @Test func `cut files and flipped bits are errors or other configurations, and never a crash`() throws {
        var sizes = try ModelFolder.sizes(.qwen3)
        sizes.rope.llama3 = Llama3Scaling(
            factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64)
        let good = try sizes.json()
        var refused = 0
        func read(_ json: Data) {
            do throws(ModelError) {
                let found = try PolicyConfiguration(json: json, path: "x")
                _ = found.rope.positions(width: found.headWidth)
            } catch {
                refused += 1
            }
        }
        for length in 0..<good.count - 2 { read(good.prefix(length)) }
        #expect(refused == good.count - 2)
        for place in good.indices {
            var bytes = good
            bytes[place] ^= 1 << UInt8(place % 8)
            read(bytes)
        }
        #expect(refused > good.count * 3 / 2)
    }

    @Test func `transformers 4 and 5 say rotary positions in two ways`() throws {
        let scaling: [String: Any] = [
            "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192,
        ]
        let four = try read(["rope_theta": 500_000.0, "rope_scaling": scaling])
        let five = try read(["rope_parameters": scaling.merging(["rope_theta": 500_000.0]) { $1 }])
        #expect(four.rope == five.rope)
        #expect(four.rope.theta == 500_000 && four.rope.llama3?.factor == 32)
        #expect(try read(["rope_theta": 1e6, "rope_scaling": NSNull()]).rope == RopeSettings(theta: 1e6))
        #expect(try read().rope == RopeSettings(theta: 10_000))
        let both: [String: Any?] = [
            "rope_theta": 500_000.0, "rope_scaling": scaling, "rope_parameters": ["rope_type": "default"],
        ]
        #expect(throws: ModelError.self) { try read(both) }
        #expect(throws: ModelError.self) {
            try read(["rope_theta": 10_000.0, "rope_parameters": ["rope_theta": 20_000.0]])
        }
    }

    @Test func `slow turns are stretched as transformers stretches them`() {
        let rope = RopeSettings(
            theta: 10_000,
            llama3: Llama3Scaling(
                factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64))
        // transformers 5.23, rope type llama3: left, blended twice, divided by 8 from there.
        let expected: [Float] = [
            1.0, 0.24438458681106567, 0.013042256236076355, 0.0039528473280370235, 0.0012499999720603228,
            0.00039528473280370235, 0.0001250000059371814, 3.9528473280370235e-05,
        ]
        for (ours, theirs) in zip(rope.positions(width: 16).inverseFrequencies, expected) {
            #expect(abs(ours - theirs) <= 1e-6 * theirs)
        }
    }

    @Test func `generation_config's end tokens win, all of them end a response`() throws {
        #expect(try read(["eos_token_id": 5]).endTokens == [5])
        #expect(try read(["eos_token_id": [5, 6]]).endTokens == [5, 6])
        #expect(
            try read(["eos_token_id": 5], generation: #"{"eos_token_id":[7,8],"temperature":0.6}"#).endTokens
                == [7, 8])
        #expect(try read(["eos_token_id": 5], generation: #"{"pad_token_id":9}"#).endTokens == [5])
        #expect(try read(generation: #"{"pad_token_id":9}"#).padToken == 9)
        // What transformers takes for a Llama that says nothing, and for one that says there is none.
        #expect(try read().endTokens == [2])
        #expect(try read(["eos_token_id": NSNull()]).endTokens == [])
        #expect(try read(family: "qwen3").endTokens == [])
        for bad in ["[", #"{"eos_token_id":100}"#, #"{"eos_token_id":"x"}"#] {
            let error = try #require(throws: ModelError.self) { _ = try read(generation: bad) }
            #expect("\(error)".hasPrefix("generation_config.json: "))
        }
    }

    @Test func `sizes that are left out are those of transformers`() throws {
        let llama = try read([
            "num_key_value_heads": nil, "max_position_embeddings": nil, "rms_norm_eps": nil,
        ])
        #expect(llama.kvHeads == 4 && llama.headWidth == 16 && llama.maximumPositions == 2048)
        #expect(llama.rmsEpsilon == 1e-6 && !llama.tiedEmbeddings && llama.beginToken == 1)
        #expect(try read(family: "qwen3").headWidth == 128)
        #expect(try read(family: "qwen2").headWidth == 16)
    }

    /// As they are published.
    @Test(
        arguments: [
            #"""
            {"architectures":["LlamaForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":1,
            "eos_token_id":2,"hidden_act":"silu","hidden_size":576,"initializer_range":0.041666666666666664,
            "intermediate_size":1536,"is_llama_config":true,"max_position_embeddings":8192,"model_type":"llama",
            "num_attention_heads":9,"num_hidden_layers":30,"num_key_value_heads":3,"pad_token_id":2,"pretraining_tp":1,
            "rms_norm_eps":1e-05,"rope_interleaved":false,"rope_scaling":null,"rope_theta":100000,
            "tie_word_embeddings":true,"torch_dtype":"bfloat16","transformers.js_config":{"kv_cache_dtype":{"q4":"float32"}},
            "transformers_version":"4.42.3","use_cache":true,"vocab_size":49152}
            """#,
            #"""
            {"architectures":["Qwen2ForCausalLM"],"attention_dropout":0.0,"bos_token_id":151643,"eos_token_id":151643,
            "hidden_act":"silu","hidden_size":896,"initializer_range":0.02,"intermediate_size":4864,
            "max_position_embeddings":32768,"max_window_layers":24,"model_type":"qwen2","num_attention_heads":14,
            "num_hidden_layers":24,"num_key_value_heads":2,"rms_norm_eps":1e-06,"rope_theta":1000000.0,"sliding_window":32768,
            "tie_word_embeddings":true,"torch_dtype":"bfloat16","transformers_version":"4.40.1","use_cache":true,
            "use_mrope":false,"use_sliding_window":false,"vocab_size":151936}
            """#,
            #"""
            {"architectures":["Qwen3ForCausalLM"],"attention_bias":false,"attention_dropout":0.0,"bos_token_id":151643,
            "eos_token_id":151645,"head_dim":128,"hidden_act":"silu","hidden_size":1024,"initializer_range":0.02,
            "intermediate_size":3072,"max_position_embeddings":40960,"max_window_layers":28,"model_type":"qwen3",
            "num_attention_heads":16,"num_hidden_layers":28,"num_key_value_heads":8,"rms_norm_eps":1e-06,"rope_scaling":null,
            "rope_theta":1000000,"sliding_window":null,"tie_word_embeddings":true,"torch_dtype":"bfloat16",
            "transformers_version":"4.51.0","use_cache":true,"use_sliding_window":false,"vocab_size":151936}
            """#,
        ])
    func `published configurations are read`(json: String) throws {
        let configuration = try PolicyConfiguration(json: Data(json.utf8), path: "config.json")
        #expect(configuration.tiedEmbeddings && configuration.endTokens.count == 1)
    }
}
