import Yams

/// A configuration as it was written, before anybody asks what its keys mean.
package indirect enum ConfigurationTree {
    package struct Entry {
        let key: String
        /// Line in the file, from 1; nil when the text has no lines.
        let line: Int?
        let value: ConfigurationTree
    }

    case mapping([Entry])
    case list([ConfigurationTree])
    /// A bare word or number.
    case plain(String)
    /// Text in quotes or a block: never a number, a flag or null.
    case quoted(String)

    /// The text of a leaf; nil for null and for what is no leaf.
    var text: String? {
        switch self {
        case .quoted(let text): text
        case .plain(let text): ConfigurationTree.isNull(text) ? nil : text
        case .mapping, .list: nil
        }
    }

    /// Says what it is, for a message.
    var shown: String {
        switch self {
        case .mapping: "a mapping"
        case .list(let items): "[\(items.prefix(4).map(\.shown).joined(separator: ", "))]"
        case .plain(let text): ConfigurationTree.short(text)
        case .quoted(let text): "\"\(ConfigurationTree.short(text))\""
        }
    }

    private static func short(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(60) + "…"
    }
}

extension ConfigurationTree {
    /// Reads YAML, which JSON is part of.
    ///
    /// - Throws: `ConfigurationError.Fault` for text that is not one YAML document of plain keys.
    static func yaml(_ text: String) throws -> ConfigurationTree {
        // Far above any real file; keeps a wrong path (a model file) from filling memory with nodes.
        guard text.utf8.count <= 1 << 20 else {
            throw ConfigurationError.Fault(
                line: nil, path: "", message: "larger than 1 MiB: not a configuration")
        }
        do {
            let parser = try Parser(yaml: text)
            guard let root = try parser.singleRoot() else { return .mapping([]) }
            if case .scalar(let scalar) = root, scalar.style == .plain, isNull(scalar.string) {
                return .mapping([])
            }
            // No setting lies deeper than three keys; deeper nesting only repeats aliases.
            return try tree(of: root, depth: 8)
        } catch let error as YamlError {
            throw fault(of: error)
        }
    }

    static func isNull(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    private static func tree(of node: Node, depth: Int) throws -> ConfigurationTree {
        guard depth > 0 else {
            throw ConfigurationError.Fault(line: node.mark?.line, path: "", message: "nested too deeply")
        }
        switch node {
        case .scalar(let scalar):
            return scalar.style == .plain ? .plain(scalar.string) : .quoted(scalar.string)
        case .sequence(let sequence):
            return .list(try sequence.map { try tree(of: $0, depth: depth - 1) })
        case .mapping(let mapping):
            return .mapping(
                try mapping.map { key, value in
                    guard case .scalar(let name) = key else {
                        throw ConfigurationError.Fault(
                            line: key.mark?.line, path: "", message: "a key must be a word")
                    }
                    return Entry(
                        key: name.string, line: key.mark?.line, value: try tree(of: value, depth: depth - 1))
                })
        case .alias:
            throw ConfigurationError.Fault(
                line: node.mark?.line, path: "", message: "aliases are not read here")
        }
    }

    private static func fault(of error: YamlError) -> ConfigurationError.Fault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationError.Fault(
                line: mark.line, path: "", message: "not YAML: \(problem) (column \(mark.column))")
        case .reader(let problem, let offset, _, _):
            ConfigurationError.Fault(
                line: nil, path: "", message: "not YAML: \(problem)\(offset.map { " at byte \($0)" } ?? "")")
        case .duplicatedKeysInMapping(let keys, let context):
            ConfigurationError.Fault(
                line: context.mark.line, path: "",
                message: "the key \(keys.joined(separator: ", ")) is there twice; keep one")
        default:
            ConfigurationError.Fault(line: nil, path: "", message: "not YAML: \(error)")
        }
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
