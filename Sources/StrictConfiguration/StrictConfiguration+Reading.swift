package import Foundation

extension StrictConfiguration {
    /// Reads YAML that names only what it changes from the defaults.
    ///
    /// - Throws: `ConfigurationError` with every unknown key, wrong type and value out of range.
    package init(yaml text: String, source: String = "configuration") throws {
        let tree: ConfigurationTree
        do {
            tree = try ConfigurationTree.yaml(text)
        } catch let fault as ConfigurationError.Fault {
            throw ConfigurationError(source: source, faults: [fault])
        }
        try self.init(tree: tree, source: source)
    }

    /// Reads the YAML file at `path`.
    ///
    /// - Throws: `ConfigurationError`, also for a file that cannot be read.
    package init(yamlFile path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            let reason =
                FileManager.default.fileExists(atPath: path)
                ? "cannot be read" : "no such file; name a YAML file"
            let fault = ConfigurationError.Fault(line: nil, path: "", message: reason)
            throw ConfigurationError(source: path, faults: [fault])
        }
        guard let text = String(data: data, encoding: .utf8) else {
            let fault = ConfigurationError.Fault(line: nil, path: "", message: "not UTF-8 text")
            throw ConfigurationError(source: path, faults: [fault])
        }
        try self.init(yaml: text, source: path)
    }

    /// Reads the canonical JSON that a coordinator tells its workers.
    ///
    /// - Throws: `ConfigurationError`.
    package init(json data: Data, source: String = "the coordinator's configuration") throws {
        let tree: ConfigurationTree
        do {
            tree = try JSONDecoder().decode(ConfigurationTree.self, from: data)
        } catch {
            let fault = ConfigurationError.Fault(line: nil, path: "", message: "not JSON: \(error)")
            throw ConfigurationError(source: source, faults: [fault])
        }
        try self.init(tree: tree, source: source)
    }

    package init(tree: ConfigurationTree, source: String) throws {
        self.init()
        var faults: [ConfigurationError.Fault] = []
        apply(tree, at: "", line: nil, SchemaIndex(Self.schema), &faults)
        if faults.isEmpty { faults = contradictions() }
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    private mutating func apply(
        _ tree: ConfigurationTree, at path: String, line: Int?, _ known: SchemaIndex<Self>,
        _ faults: inout [ConfigurationError.Fault]
    ) {
        if let setting = known.settings[path] {
            guard let value = SettingValue(of: tree, as: setting.kind), setting.write(&self, value) else {
                let message = "\(tree.shown) is not allowed; give \(setting.kind)"
                faults.append(ConfigurationError.Fault(line: line, path: path, message: message))
                return
            }
        } else if known.sections.contains(path) {
            switch tree {
            case .mapping(let entries):
                for entry in entries {
                    let child = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                    if entry.key.contains("."), known.settings[child] != nil {
                        let nested =
                            "is written as nested keys, " + entry.key.replacing(".", with: ": and below it ")
                        faults.append(
                            ConfigurationError.Fault(line: entry.line, path: child, message: nested + ":"))
                        continue
                    }
                    apply(entry.value, at: child, line: entry.line, known, &faults)
                }
            case .plain(let text) where ConfigurationTree.isNull(text):
                break  // A section whose lines are all comments changes nothing.
            default:
                let keys = Self.schema.filter { $0.section == path }.prefix(3).map(\.key)
                let message = "\(tree.shown) is not allowed; it is a section with keys such as "
                faults.append(
                    ConfigurationError.Fault(
                        line: line, path: path, message: message + keys.joined(separator: ", ")))
            }
        } else {
            let names = Self.schema.map(\.path) + known.sections.filter { !$0.isEmpty }.sorted()
            let near = NearestName.find(path, among: names).joined(separator: " or ")
            let hint =
                near.isEmpty ? "`\(Self.printingCommand)` shows every key" : "did you mean \(near)?"
            faults.append(
                ConfigurationError.Fault(line: line, path: path, message: "unknown key; \(hint)"))
        }
    }
}

/// A schema's fields by path, and the sections that they lie in.
private struct SchemaIndex<Root: Sendable> {
    let settings: [String: Setting<Root>]
    /// "" and every path that has settings below it.
    let sections: Set<String>

    init(_ schema: [Setting<Root>]) {
        settings = Dictionary(schema.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        sections = Set(
            schema.flatMap { setting in
                let keys = setting.path.split(separator: ".").dropLast()
                return (0...keys.count).map { keys.prefix($0).joined(separator: ".") }
            })
    }
}

extension SettingValue {
    /// The value that a tree's leaf has for a kind of field; nil for another shape.
    fileprivate init?(of tree: ConfigurationTree, as kind: SettingKind) {
        let value: SettingValue? =
            switch (kind, tree) {
            case (.integer, .plain(let text)): Int(text).map { .integer($0) }
            case (.number, .plain(let text)): Double(text).map { .number($0) }
            case (.flag, .plain("true")): .flag(true)
            case (.flag, .plain("false")): .flag(false)
            case (.optionalText, .plain(let text)) where ConfigurationTree.isNull(text): SettingValue.none
            case (.text, .plain(let text)), (.optionalText, .plain(let text)), (.choice, .plain(let text)):
                ConfigurationTree.isNull(text) ? nil : .text(text)
            case (.text, .quoted(let text)), (.optionalText, .quoted(let text)), (.choice, .quoted(let text)):
                .text(text)
            case (.range, .list(let items)):
                Self.list(items) { Int($0) }.map { .integers($0) }
            case (.numbers, .list(let items)):
                Self.list(items) { Double($0) }.map { .numbers($0) }
            case (.texts, .list(let items)):
                Self.all(items.map(\.text)).map { .texts($0) }
            case (.records(let keys, _), .list(let items)):
                Self.all(items.map { Self.record($0, keys) }).map { .records($0) }
            default: nil
            }
        guard let value else { return nil }
        self = value
    }

    private static func all<Value>(_ values: [Value?]) -> [Value]? {
        let found = values.compactMap { $0 }
        return found.count == values.count ? found : nil
    }

    /// A mapping with exactly these keys, in their order.
    private static func record(_ tree: ConfigurationTree, _ keys: [String]) -> [SettingText]? {
        guard case .mapping(let entries) = tree, entries.count == keys.count else { return nil }
        return all(
            keys.map { key in
                entries.first { $0.key == key }?.value.text.map { SettingText(name: key, text: $0) }
            })
    }

    private static func list<Value>(_ items: [ConfigurationTree], _ read: (String) -> Value?) -> [Value]? {
        let values = items.compactMap { item in
            if case .plain(let text) = item { read(text) } else { nil as Value? }
        }
        return values.count == items.count ? values : nil
    }
}
