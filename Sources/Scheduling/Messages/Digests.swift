/// SHA-256 digests, as hexadecimal text, of the documents on which a worker and its coordinator must agree.
package struct Digests: Sendable, Hashable, Codable {
    /// Digest of the model's `config.json`.
    package let model: String
    /// Digest of `tokenizer.json`.
    package let tokenizer: String
    /// Digest of the run configuration's JSON text.
    package let configuration: String

    package init(model: String, tokenizer: String, configuration: String) {
        self.model = model
        self.tokenizer = tokenizer
        self.configuration = configuration
    }
}

/// The documents that the digests describe: everything that a worker needs besides the weights.
package struct RunDocuments: Sendable, Hashable {
    /// Contents of `config.json`.
    package let model: [UInt8]
    /// Contents of `tokenizer.json`.
    package let tokenizer: [UInt8]
    /// The effective run configuration as JSON in UTF-8.
    package let configuration: [UInt8]

    package init(model: [UInt8], tokenizer: [UInt8], configuration: [UInt8]) {
        self.model = model
        self.tokenizer = tokenizer
        self.configuration = configuration
    }
}
