package import Foundation

extension RunConfiguration {
    /// Reads YAML that names only what it changes from the embedded default.
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

    init(tree: ConfigurationTree, source: String) throws {
        self.init()
        var faults: [ConfigurationError.Fault] = []
        apply(tree, at: "", line: nil, &faults)
        if faults.isEmpty { faults = crossFaults() }
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }
}

extension RunConfiguration {
    private static let settings: [String: Setting] =
        Dictionary(schema.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

    /// "" and every path that has settings below it.
    static let sections: Set<String> = Set(
        schema.flatMap { setting in
            let keys = setting.path.split(separator: ".").dropLast()
            return (0...keys.count).map { keys.prefix($0).joined(separator: ".") }
        })

    private mutating func apply(
        _ tree: ConfigurationTree, at path: String, line: Int?, _ faults: inout [ConfigurationError.Fault]
    ) {
        if let setting = Self.settings[path] {
            guard let value = Self.value(of: tree, as: setting.kind), setting.write(&self, value) else {
                let message = "\(tree.shown) is not allowed; give \(setting.kind)"
                faults.append(ConfigurationError.Fault(line: line, path: path, message: message))
                return
            }
        } else if Self.sections.contains(path) {
            switch tree {
            case .mapping(let entries):
                for entry in entries {
                    let child = path.isEmpty ? entry.key : "\(path).\(entry.key)"
                    if entry.key.contains("."), Self.settings[child] != nil {
                        let nested =
                            "is written as nested keys, " + entry.key.replacing(".", with: ": and below it ")
                        faults.append(
                            ConfigurationError.Fault(line: entry.line, path: child, message: nested + ":"))
                        continue
                    }
                    apply(entry.value, at: child, line: entry.line, &faults)
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
            let known = Self.schema.map(\.path) + Self.sections.filter { !$0.isEmpty }.sorted()
            let near = NearestName.find(path, among: known).joined(separator: " or ")
            let hint =
                near.isEmpty ? "`ponder train --print-config` shows every key" : "did you mean \(near)?"
            faults.append(
                ConfigurationError.Fault(line: line, path: path, message: "unknown key; \(hint)"))
        }
    }

    private static func value(of tree: ConfigurationTree, as kind: SettingKind) -> SettingValue? {
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
            list(items) { Int($0) }.map { .integers($0) }
        case (.numbers, .list(let items)):
            list(items) { Double($0) }.map { .numbers($0) }
        default: nil
        }
    }

    private static func list<Value>(_ items: [ConfigurationTree], _ read: (String) -> Value?) -> [Value]? {
        let values = items.compactMap { item in
            if case .plain(let text) = item { read(text) } else { nil as Value? }
        }
        return values.count == items.count ? values : nil
    }
}
