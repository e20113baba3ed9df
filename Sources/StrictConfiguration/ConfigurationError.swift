/// A configuration that cannot be used; names every fault found, each with its place and remedy.
///
///     run.yaml:7: learning.rat: unknown key; did you mean learning.rate?
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One fault in a configuration.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// Line in the file, from 1; nil when the fault is not in one line.
        package let line: Int?
        /// Keys joined by dots; "" is the whole file.
        package let path: String
        /// What is wrong, with the value and what is allowed.
        package let message: String

        package init(line: Int?, path: String, message: String) {
            self.line = line
            self.path = path
            self.message = message
        }

        package var description: String { path.isEmpty ? message : "\(path): \(message)" }
    }

    /// Where the text came from, as people name it.
    package let source: String
    /// At least one.
    package let faults: [Fault]

    package var description: String {
        faults.map { fault in
            let place = fault.line.map { "\(source):\($0)" } ?? source
            return "\(place): \(fault)"
        }.joined(separator: "\n")
    }
}
