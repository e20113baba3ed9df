import Primitives
package import StrictConfiguration

extension StrictConfiguration {
    /// Reads YAML that contains only the changes from the defaults.
    ///
    /// - Parameter isSaved: whether a run saved the text; former keys are then accepted.
    /// - Throws: `ConfigurationError` with every unknown key, wrong type and invalid value.
    package init(yaml text: String, source: String = "configuration", isSaved: Bool = false) throws {
        try self.init(
            tree: try ConfigurationTree.yaml(text, source: source), source: source, isSaved: isSaved)
    }

    /// Reads the YAML file at `path`.
    ///
    /// - Throws: `ConfigurationError`, including for a file that cannot be read.
    package init(yamlFile path: String, isSaved: Bool = false) throws {
        let layer = try ConfigurationLayer(yamlFile: path)
        try self.init(tree: layer.tree, source: layer.source, isSaved: isSaved)
    }

    /// The whole configuration as YAML with a comment on every setting; reading it gives the same value.
    ///
    /// - Parameter title: the comment at the top.
    package func yaml(title: String) -> String {
        // Two columns are left for a page that indents the text.
        let width = 78
        var lines = title.wrapped(to: width, first: "# ", hanging: "# ") + [""]
        var open: [String] = []
        for located in settings() {
            let keys = located.path.split(separator: ".").map(String.init)
            let section = Array(keys.dropLast())
            let shared = zip(open, section).prefix { $0 == $1 }.count
            for depth in shared..<section.count {
                if depth == 0 { lines.append("") }
                lines.append(String(repeating: "  ", count: depth) + section[depth] + ":")
            }
            open = section
            let indent = String(repeating: "  ", count: section.count)
            lines += "\(located.setting.about) (\(located.setting.allowed))".wrapped(
                to: width, first: "\(indent)# ", hanging: "\(indent)# ")
            lines.append("\(indent)\(keys.last ?? ""): \(located.setting.written.json)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
