/// A configuration as it is written, before the meaning of its keys is known.
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
    /// A bare word or number.
    case plain(String)
    /// Text in quotes or a block: never a number, a flag or null.
    case quoted(String)

    /// The text of a leaf; nil for null and for a mapping or list.
    package var text: String? {
        if case .quoted(let text) = self { text } else { isNull ? nil : word }
    }

    /// A bare word or number.
    package var word: String? {
        if case .plain(let text) = self { text } else { nil }
    }

    package var isNull: Bool { word.map { ["", "~", "null", "Null", "NULL"].contains($0) } ?? false }

    /// Says what it is, for a message.
    package var shown: String {
        switch self {
        case .mapping: "a mapping"
        case .list(let items): "[\(items.prefix(4).map(\.shown).joined(separator: ", "))]"
        case .plain(let text): ConfigurationTree.short(text)
        case .quoted(let text): "\"\(ConfigurationTree.short(text))\""
        }
    }

    /// The tree as JSON, which is YAML too: one spelling of each value.
    package var json: String {
        switch self {
        case .plain(let text): text
        case .quoted(let text): Self.quoted(text)
        case .list(let items): "[\(items.map(\.json).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(entries.map { "\(Self.quoted($0.key)): \($0.value.json)" }.joined(separator: ", "))}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            // YAML wants the C1 controls, separators and byte order mark escaped; JSON allows it.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func short(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(60) + "…"
    }
}

extension ConfigurationTree: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        if let keyed = try? decoder.container(keyedBy: Key.self) {
            self = .mapping(
                try keyed.allKeys.map {
                    Entry(
                        key: $0.stringValue, line: nil,
                        value: try keyed.decode(ConfigurationTree.self, forKey: $0))
                })
        } else if var list = try? decoder.unkeyedContainer() {
            var items: [ConfigurationTree] = []
            while !list.isAtEnd { items.append(try list.decode(ConfigurationTree.self)) }
            self = .list(items)
        } else {
            let single = try decoder.singleValueContainer()
            if single.decodeNil() {
                self = .plain("null")
            } else if let flag = try? single.decode(Bool.self) {
                self = .plain(String(flag))
            } else if let integer = try? single.decode(Int.self) {
                self = .plain(String(integer))
            } else if let number = try? single.decode(Double.self) {
                self = .plain(String(number))
            } else {
                self = .quoted(try single.decode(String.self))
            }
        }
    }
}
