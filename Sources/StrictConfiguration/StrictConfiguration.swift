/// A configuration of which every field stands in a schema that reads, checks and prints it.
///
/// A file names only what it changes; an unknown key is an error with the nearest known one.
package protocol StrictConfiguration: Sendable {
    /// The defaults.
    init()

    /// Every field, in the order in which a configuration is printed.
    static var schema: [Setting<Self>] { get }

    /// The command that prints every key.
    static var printingCommand: String { get }

    /// Contradictions between fields that are each allowed.
    func contradictions() -> [ConfigurationError.Fault]
}

extension StrictConfiguration {
    package func contradictions() -> [ConfigurationError.Fault] { [] }

    /// Checks a configuration that code or flags have changed.
    ///
    /// - Throws: `ConfigurationError` with every value out of range and every contradiction between fields.
    package func validate(source: String = "configuration") throws {
        var copy = self
        let outside = Self.schema.compactMap { setting -> ConfigurationError.Fault? in
            let value = setting.read(self)
            if setting.write(&copy, value) { return nil }
            let message = "\(value.json) is not allowed; give \(setting.kind)"
            return ConfigurationError.Fault(line: nil, path: setting.path, message: message)
        }
        let faults = outside.isEmpty ? contradictions() : outside
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    /// The whole effective configuration as YAML with a comment on every field; reads back to the same value.
    ///
    /// - Parameter title: the comment on top.
    package func yaml(title: String) -> String {
        var lines = ["# \(title)"]
        var open: [String] = []
        for setting in Self.schema {
            let keys = setting.path.split(separator: ".").map(String.init)
            let section = Array(keys.dropLast())
            let shared = zip(open, section).prefix { $0 == $1 }.count
            for depth in shared..<section.count {
                if depth == 0 { lines.append("") }
                lines.append(String(repeating: "  ", count: depth) + section[depth] + ":")
            }
            open = section
            let indent = String(repeating: "  ", count: section.count)
            lines.append("\(indent)# \(setting.about) (\(setting.kind))")
            lines.append("\(indent)\(setting.key): \(setting.read(self).json)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
