package import StrictJSON

/// A configuration as written, before its keys are interpreted.
package indirect enum ConfigurationTree: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let key: String
        /// Line in the file, from 1; nil when the text has no lines.
        package let line: Int?
        package let value: ConfigurationTree

        package init(key: String, line: Int?, value: ConfigurationTree) {
            self.key = key
            self.line = line
            self.value = value
        }
    }

    case mapping([Entry])
    case list([ConfigurationTree])
    /// A word or number without quotes.
    case plain(String)
    /// Text in quotes or in a block, which is never a number, a Boolean or null.
    case quoted(String)

    /// The text of a scalar; nil for null, and for a mapping or list.
    package var text: String? {
        if case .quoted(let text) = self { text } else { isNull ? nil : word }
    }

    /// The text of a word or number without quotes; nil for everything else.
    package var word: String? {
        if case .plain(let text) = self { text } else { nil }
    }

    package var isNull: Bool { word.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// A description for messages.
    package var shown: String {
        switch self {
        case .mapping: "a mapping"
        case .list(let items): "[\(items.prefix(4).map(\.shown).joined(separator: ", "))]"
        case .plain(let text): ConfigurationTree.short(text)
        case .quoted(let text): "\"\(ConfigurationTree.short(text))\""
        }
    }

    /// The tree as JSON, which is also YAML, with one spelling for each value.
    package var json: String {
        switch self {
        case .plain(let text): text
        case .quoted(let text): JSONValue.string(text).text()
        case .list(let items): "[\(items.map(\.json).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\(JSONValue.string($0.key).text()): \($0.value.json)" }.joined(separator: ", "))}"
        }
    }

    private static func short(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(60) + "…"
    }
}

extension ConfigurationTree {
    /// The tree of a JSON value; numbers keep their spelling.
    package init(_ value: JSONValue) {
        self =
            switch value {
            case .null: .plain("null")
            case .bool(let flag): .plain(String(flag))
            case .integer(let number): .plain(String(number))
            case .number(let text): .plain(text)
            case .string(let text): .quoted(text)
            case .array(let values): .list(values.map(ConfigurationTree.init))
            case .object(let members):
                .mapping(members.map { Entry(key: $0.key, line: nil, value: ConfigurationTree($0.value)) })
            }
    }
}
