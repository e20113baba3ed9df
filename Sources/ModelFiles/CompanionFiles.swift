package import Foundation
import Transformers

/// The files beside a model's weights and configuration; each folder that is written from the model gets
/// unchanged copies.
package struct CompanionFiles: Sendable {
    package static let tokenizer = "tokenizer.json"
    package static let tokenizerConfiguration = "tokenizer_config.json"
    package static let generation = "generation_config.json"

    /// Further files that transformers may read; all are small.
    private static let others = [
        tokenizerConfiguration, "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
        "chat_template.jinja", "chat_template.json", generation,
    ]
    private static let largest = 256 << 20

    /// Contents of the files, by file name.
    package let contents: [String: Data]

    package init(_ contents: [String: Data]) { self.contents = contents }

    /// The companions of a model that was made here.
    package init(tokenizerJSON: some Collection<UInt8>, tokenizerConfigurationJSON: some Collection<UInt8>) {
        contents = [
            Self.tokenizer: Data(tokenizerJSON),
            Self.tokenizerConfiguration: Data(tokenizerConfigurationJSON),
        ]
    }

    /// Reads the companions in a folder, which must have a `tokenizer.json`.
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
