/// The configuration cannot be used; lists every fault found, with its place and remedy.
///
///     run.yaml:7: learning.rat: unknown key; did you mean learning.rate?
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One fault in a configuration.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// The file or flag; nil for the source of the whole error.
        package private(set) var source: String?
        /// Line in the file, from 1; nil when the fault has no single line.
        package let line: Int?
        /// Keys joined by dots; "" for the whole file.
        package let path: String
        /// What is wrong, with the value and the allowed values.
        package let message: String

        package init(source: String? = nil, line: Int? = nil, path: String, _ message: String) {
            self.source = source
            self.line = line
            self.path = path
            self.message = message
        }

        /// The fault of a value that a setting does not allow.
        init(notAllowed tree: ConfigurationTree, for setting: any AnySetting, path: String, line: Int? = nil)
        {
            self.init(line: line, path: path, "\(tree.shown) is not allowed; give \(setting.allowed)")
        }

        /// The same fault, for a section at the path `section`.
        func moved(below section: String) -> Fault {
            Fault(source: source, line: line, path: section.appending(key: path), message)
        }

        /// The same fault, in a layer of that name.
        func found(in source: String) -> Fault {
            Fault(source: source, line: line, path: path, message)
        }

        package var description: String { path.isEmpty ? message : "\(path): \(message)" }
    }

    /// The source of the text, as people name it.
    package let source: String
    /// The faults, at least one.
    package let faults: [Fault]

    package init(source: String, faults: [Fault]) {
        self.source = source
        self.faults = faults
    }

    package var description: String {
        faults.map { fault in
            let source = fault.source ?? source
            let place = fault.line.map { "\(source):\($0)" } ?? source
            return "\(place): \(fault)"
        }.joined(separator: "\n")
    }
}

extension [ConfigurationError.Fault] {
    /// Adds a fault if a condition does not hold.
    package mutating func require(_ holds: Bool, _ path: String, _ message: @autoclosure () -> String) {
        if !holds { append(ConfigurationError.Fault(path: path, message())) }
    }
}
