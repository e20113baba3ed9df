import Foundation
import Host
import Primitives

/// The values of a launch: from the command line, else the environment, else a settings file.
///
///     # cluster.settings, given as --settings cluster.settings
///     partition = long
///     workers = 64
///
/// A key is an option's long name; its variable is `PONDER_LAUNCH_PARTITION`.
package struct LaunchSettings: Sendable {
    private struct Value {
        let text: String
        /// The name that errors use.
        let origin: String
    }

    private let values: [String: Value]

    /// - Parameters:
    ///   - path: the settings file, nil for none.
    ///   - keys: the options that the environment and the file may set.
    /// - Throws: `LaunchError` for a file that cannot be read, with the line's number.
    package init(
        file path: String?, keys: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var values: [String: Value] = [:]
        if let path { values = try Self.read(path, keys) }
        for key in keys {
            let name = Self.variable(key)
            if let text = environment[name], !text.isEmpty {
                values[key] = Value(text: text, origin: "\(name)=\(text)")
            }
        }
        self.values = values
    }

    /// The flag wins over the environment and the file.
    package func text(_ key: String, _ flag: String?) -> String? { flag ?? values[key]?.text }

    /// - Throws: `LaunchError` that names where an unusable value comes from.
    package func integer(_ key: String, _ flag: Int?, in range: ClosedRange<Int>) throws -> Int? {
        if let flag {
            guard range.contains(flag) else { throw Self.outside("--\(key) \(flag)", range) }
            return flag
        }
        guard let value = values[key] else { return nil }
        guard let number = Int(value.text), range.contains(number) else {
            throw Self.outside(value.origin, range)
        }
        return number
    }

    static func variable(_ key: String) -> String {
        "PONDER_LAUNCH_" + key.uppercased().replacing("-", with: "_")
    }

    private static func outside(_ what: String, _ range: ClosedRange<Int>) -> LaunchError {
        LaunchError(.usage, "\(what) is no number from \(range.lowerBound) to \(range.upperBound)")
    }

    private static func read(_ path: String, _ keys: [String]) throws -> [String: Value] {
        let text: String
        do throws(FileError) {
            text = try Files.text(path)
        } catch {
            throw LaunchError(.usage, "\(path) cannot be read: \(error.cause)")
        }
        var values: [String: Value] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = "\(path) line \(index + 1)"
            let content = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
            if content.isEmpty { continue }
            guard let equals = content.firstIndex(of: "=") else {
                throw LaunchError(.usage, "\(place): \"\(content)\" is no key = value")
            }
            let key = content[..<equals].trimmingCharacters(in: .whitespaces)
            let value = content[content.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            guard keys.contains(key) else {
                let hint = NearestName.first(key, among: keys).map { "did you mean \($0)?" }
                throw LaunchError(
                    .usage,
                    "\(place): unknown key \"\(key)\"; \(hint ?? "known: \(keys.joined(separator: ", "))")")
            }
            guard !value.isEmpty else { throw LaunchError(.usage, "\(place): \(key) has no value") }
            let origin = "\(place): \(key) = \(value)"
            guard values.updateValue(Value(text: value, origin: origin), forKey: key) == nil else {
                throw LaunchError(.usage, "\(place): \(key) is given twice")
            }
        }
        return values
    }
}
