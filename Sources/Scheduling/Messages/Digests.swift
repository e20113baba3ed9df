/// SHA-256, in hexadecimal, of what a worker and its coordinator must agree on.
package struct Digests: Sendable, Hashable, Codable {
    /// Of the model's `config.json`.
    package let model: String
    /// Of `tokenizer.json`.
    package let tokenizer: String
    /// Of the run configuration's JSON text.
    package let configuration: String

    package init(model: String, tokenizer: String, configuration: String) {
        self.model = model
        self.tokenizer = tokenizer
        self.configuration = configuration
    }
}

/// The texts whose digests are compared: all that a worker needs besides the weights.
package struct RunDocuments: Sendable, Hashable {
    /// `config.json`, bytes.
    package let model: [UInt8]
    /// `tokenizer.json`, bytes.
    package let tokenizer: [UInt8]
    /// The effective run configuration as JSON, bytes.
    package let configuration: [UInt8]

    package init(model: [UInt8], tokenizer: [UInt8], configuration: [UInt8]) {
        self.model = model
        self.tokenizer = tokenizer
        self.configuration = configuration
    }
}
