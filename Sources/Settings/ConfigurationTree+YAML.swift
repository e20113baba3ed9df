package import StrictConfiguration
import Yams

extension ConfigurationTree {
    /// Bytes of the largest text that is read, which is far larger than any real file.
    ///
    /// It stops a wrong path (a model file) from filling memory with nodes.
    static let yamlLimit = 1 << 20
    static let tooLarge = "larger than 1 MiB: not a configuration"

    /// Reads YAML, and so JSON, which is a part of YAML.
    ///
    /// - Throws: `ConfigurationError` when the text is not one YAML document with plain keys.
    package static func yaml(_ text: String, source: String) throws -> ConfigurationTree {
        do {
            let tree = try value(yaml: text)
            // A text without a key changes nothing.
            return tree.isNull ? .mapping([]) : tree
        } catch let fault as ConfigurationError.Fault {
            throw ConfigurationError(source: source, faults: [fault])
        }
    }

    /// Reads any YAML value; an empty text is null.
    ///
    /// - Throws: `ConfigurationError.Fault`.
    static func value(yaml text: String) throws -> ConfigurationTree {
        guard text.utf8.count <= yamlLimit else { throw ConfigurationError.Fault(path: "", tooLarge) }
        do {
            let parser = try Parser(yaml: text)
            guard let root = try parser.singleRoot() else { return .plain("") }
            // No setting is deeper than three keys; only repeated aliases nest deeper.
            return try tree(of: root, depth: 8)
        } catch let error as YamlError {
            throw fault(of: error)
        }
    }

    private static func tree(of node: Node, depth: Int) throws -> ConfigurationTree {
        guard depth > 0 else {
            throw ConfigurationError.Fault(line: node.mark?.line, path: "", "nested too deeply")
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
                            line: key.mark?.line, path: "", "a key must be a word")
                    }
                    return Entry(
                        key: name.string, line: key.mark?.line, value: try tree(of: value, depth: depth - 1))
                })
        case .alias:
            throw ConfigurationError.Fault(
                line: node.mark?.line, path: "", "aliases are not read here")
        }
    }

    private static func fault(of error: YamlError) -> ConfigurationError.Fault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ConfigurationError.Fault(
                line: mark.line, path: "", "not YAML: \(problem) (column \(mark.column))")
        case .reader(let problem, let offset, _, _):
            ConfigurationError.Fault(
                path: "", "not YAML: \(problem)\(offset.map { " at byte \($0)" } ?? "")")
        case .duplicatedKeysInMapping(let keys, let context):
            ConfigurationError.Fault(
                line: context.mark.line, path: "",
                "the key \(keys.joined(separator: ", ")) is there twice; keep one")
        default:
            ConfigurationError.Fault(path: "", "not YAML: \(error)")
        }
    }
}
