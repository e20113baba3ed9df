package import Foundation
import Primitives

extension SettingValue {
    /// The value as JSON, which is YAML too: one spelling of each value.
    package var json: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .flag(let value): String(value)
        case .text(let value): SettingValue.quoted(value)
        case .integers(let values): "[" + values.map { String($0) }.joined(separator: ", ") + "]"
        case .numbers(let values): "[" + values.map { String($0) }.joined(separator: ", ") + "]"
        case .texts(let values): "[" + values.map(SettingValue.quoted).joined(separator: ", ") + "]"
        case .records(let records):
            "["
                + records.map { record in
                    let members = record.map {
                        "\(SettingValue.quoted($0.name)): \(SettingValue.quoted($0.text))"
                    }
                    return "{" + members.joined(separator: ", ") + "}"
                }.joined(separator: ", ") + "]"
        case .none: "null"
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
            // YAML wants the C1 controls, separators and byte order mark escaped, JSON allows it.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension RunConfiguration {
    /// The whole effective configuration as YAML with a comment on every field; reads back to the same value.
    package var yaml: String {
        yaml(title: "Everything that decides what this run computes. A file may name only what it changes.")
    }

    /// The whole configuration as one line of JSON with sorted keys: equal text for equal configurations.
    package var canonicalJSON: Data {
        Data(
            Self.canonical(Self.schema.map { ($0.path.split(separator: ".")[...], $0.read(self).json) }).utf8)
    }

    /// SHA-256 of `canonicalJSON`, 64 hexadecimal digits.
    package var digest: String {
        ContentHash.text(of: canonicalJSON)
    }

    private static func canonical(_ leaves: [(path: ArraySlice<Substring>, json: String)]) -> String {
        let groups = Dictionary(grouping: leaves) { $0.path.first ?? "" }
        let members = groups.keys.sorted().map { key in
            let group = groups[key] ?? []
            let value =
                group.first.flatMap { $0.path.count == 1 ? $0.json : nil }
                ?? canonical(group.map { ($0.path.dropFirst(), $0.json) })
            return "\"\(key)\":\(value)"
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}

extension RunConfiguration: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads as strictly as `init(yaml:)`.
    package init(from decoder: any Decoder) throws {
        try self.init(tree: try ConfigurationTree(from: decoder), source: "configuration")
    }

    package func encode(to encoder: any Encoder) throws {
        for setting in Self.schema {
            let keys = setting.path.split(separator: ".").map { Key(stringValue: String($0)) }
            var container = encoder.container(keyedBy: Key.self)
            for key in keys.dropLast() {
                container = container.nestedContainer(keyedBy: Key.self, forKey: key)
            }
            let key = Key(stringValue: setting.key)
            switch setting.read(self) {
            case .integer(let value): try container.encode(value, forKey: key)
            case .number(let value): try container.encode(value, forKey: key)
            case .flag(let value): try container.encode(value, forKey: key)
            case .text(let value): try container.encode(value, forKey: key)
            case .integers(let values): try container.encode(values, forKey: key)
            case .numbers(let values): try container.encode(values, forKey: key)
            case .texts(let values): try container.encode(values, forKey: key)
            case .records(let records):
                let members = records.map {
                    Dictionary($0.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
                }
                try container.encode(members, forKey: key)
            case .none: try container.encodeNil(forKey: key)
            }
        }
    }
}
