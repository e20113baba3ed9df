package import Foundation
import Transformers

/// What lies beside a model's weights and configuration and goes unchanged into every folder that is written of it.
package struct CompanionFiles: Sendable {
    package static let tokenizer = "tokenizer.json"
    package static let tokenizerConfiguration = "tokenizer_config.json"
    package static let generation = "generation_config.json"

    /// All that transformers may read besides; each is small.
    private static let others = [
        tokenizerConfiguration, "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
        "chat_template.jinja", "chat_template.json", generation,
    ]
    private static let largest = 256 << 20

    /// By name.
    package let contents: [String: Data]

    package init(_ contents: [String: Data]) { self.contents = contents }

    /// Of a model that was made here.
    package init(tokenizerJSON: some Collection<UInt8>, tokenizerConfigurationJSON: some Collection<UInt8>) {
        contents = [
            Self.tokenizer: Data(tokenizerJSON),
            Self.tokenizerConfiguration: Data(tokenizerConfigurationJSON),
        ]
    }

    /// Of a folder; `tokenizer.json` must be there.
    init(folder: String) throws(ModelError) {
        var found = [
            Self.tokenizer: try ModelFile.read("\(folder)/\(Self.tokenizer)", atMost: Self.largest)
        ]
        for name in Self.others {
            found[name] = try ModelFile.readIfThere("\(folder)/\(name)", atMost: Self.largest)
        }
        contents = found
    }

    package subscript(name: String) -> Data? { contents[name] }
}
