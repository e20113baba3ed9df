/// The architectures that Ponder implements, by the `model_type` of a `config.json`.
package enum PolicyFamily: String, Sendable, Hashable, CaseIterable {
    /// Llama 2 and 3, SmolLM2: no biases.
    case llama
    /// Qwen2 and Qwen2.5: biases on query, key and value.
    case qwen2
    /// Qwen3: norms on each query and key head, no biases.
    case qwen3

    /// The class name in transformers, which `architectures` holds.
    package var architecture: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        }
    }
}
