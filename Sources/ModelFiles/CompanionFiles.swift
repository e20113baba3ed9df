package import Foundation
import Host
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

    /// Chat templates besides the main one; transformers finds each by its name.
    private static let templates = "additional_chat_templates"

    /// Contents of the files, by path in the folder.
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
        let templates = "\(folder)/\(Self.templates)"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: templates)) ?? []
        where name.hasSuffix(".jinja") {
            found["\(Self.templates)/\(name)"] = try ModelFile.read(
                "\(templates)/\(name)", atMost: Self.largest)
        }
        contents = found
    }

    /// Writes the files into a folder.
    ///
    /// - Throws: `FileError`.
    func write(to folder: URL) throws {
        let files = Files()
        if contents.keys.contains(where: { $0.hasPrefix("\(Self.templates)/") }) {
            try files.makeDirectory(folder.appendingPathComponent(Self.templates).path)
        }
        for (name, data) in contents { try files.write(data, to: folder.appendingPathComponent(name).path) }
    }

    package subscript(name: String) -> Data? { contents[name] }
}
