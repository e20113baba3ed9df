import Crypto
package import Foundation
import Primitives
import StrictConfiguration

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
        Hexadecimal.text(of: SHA256.hash(data: canonicalJSON))
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
