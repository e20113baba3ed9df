package import Foundation
import Reasoning
import StrictJSON

/// The chat template of a model's folder, a Jinja program that turns messages into a prompt.
///
/// It is rendered once and never kept: what stays in a run's configuration is a template of Ponder's own.
package struct ChatTemplate: Sendable, Hashable {
    /// The Jinja program.
    let program: String
    /// The texts of `bos_token`, `eos_token` and the other tokens that a program may name.
    let tokens: [String: String]

    private static let tokenNames = [
        "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
    ]

    /// Reads the template; nil when the folder has none.
    ///
    /// As in transformers, `chat_template.jinja` comes before `tokenizer_config.json`, and of several templates the
    /// one named `default` counts.
    ///
    /// - Parameter file: the contents of a file of the folder; nil for one that is not there.
    package init?(_ file: (String) -> Data?) {
        func object(_ name: String) -> ObjectReader? {
            file(name).flatMap { try? ObjectReader(JSONField(parsing: $0)) }
        }
        var configuration = object("tokenizer_config.json")
        var processor = object("chat_template.json")
        let written = file("chat_template.jinja").map { String(decoding: $0, as: UTF8.self) }
        let inside = configuration?.optional("chat_template") ?? processor?.optional("chat_template")
        guard let program = written ?? inside.flatMap(Self.program), !program.isBlank else { return nil }
        var map = object("special_tokens_map.json")
        var tokens: [String: String] = [:]
        for name in Self.tokenNames {
            tokens[name] = (configuration?.optional(name) ?? map?.optional(name)).flatMap(Self.text)
        }
        self.program = program
        self.tokens = tokens
    }

    /// A program, or the one named `default` of a list of them.
    private static func program(_ field: JSONField) -> String? {
        if let text = try? field.string() { return text }
        for element in (try? field.elements()) ?? [] {
            var template = try? ObjectReader(element)
            guard (try? template?.optional("name")?.string()) == "default" else { continue }
            return try? template?.optional("template")?.string()
        }
        return nil
    }

    /// A token's text, written by itself or as the `content` of an object.
    private static func text(_ field: JSONField) -> String? {
        if let text = try? field.string() { return text }
        var token = try? ObjectReader(field)
        return try? token?.optional("content")?.string()
    }
}
