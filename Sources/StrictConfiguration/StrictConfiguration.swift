package import Foundation
import StrictJSON

/// A whole configuration: a tree of sections that a file, a flag or a message fills in.
///
/// A file names only what it changes; an unknown key is an error with the nearest known one.
package protocol StrictConfiguration: ConfigurationSection {
    /// The command that prints every key.
    static var printingCommand: String { get }

    /// Keys that are not settings, and what to do about them.
    static var formerKeys: [FormerKey] { get }
}

/// A key that is not a setting but was one, with a hint for people who write it.
package struct FormerKey: Sendable {
    package let path: String
    /// What to do, after the key's path.
    package let hint: String
    /// Where a saved configuration has the value now; nil when there is no such setting.
    let newPath: String?
    /// The spellings that a saved configuration may have; nil for any.
    let values: [String]?

    /// - Parameter values: the spellings that a saved configuration may have, and that change nothing; nil for any.
    package static func removed(_ path: String, values: [String]? = nil, _ hint: String) -> FormerKey {
        FormerKey(path: path, hint: hint, newPath: nil, values: values)
    }

    package static func renamed(_ path: String, to newPath: String) -> FormerKey {
        FormerKey(path: path, hint: "is now \(newPath); rename it", newPath: newPath, values: nil)
    }
}

extension StrictConfiguration {
    package static var formerKeys: [FormerKey] { [] }

    /// Reads a tree that names only what it changes from the defaults.
    ///
    /// - Parameters:
    ///   - source: where the tree comes from, for messages.
    ///   - isSaved: whether a run saved it; then keys of `formerKeys` are understood instead of refused.
    /// - Throws: `ConfigurationError` with every unknown key, wrong type and value that is not allowed.
    package init(tree: ConfigurationTree, source: String, isSaved: Bool = false) throws {
        var reader = ConfigurationReader(Self.self, readsFormerKeys: isSaved)
        reader.read(tree, at: "", line: nil)
        self = try Self().replacing(reader.values)
        let faults = reader.faults.isEmpty ? allContradictions() : reader.faults
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    /// Reads JSON, such as the configuration that a coordinator tells its workers.
    ///
    /// - Throws: `ConfigurationError`.
    package init(
        json data: Data, source: String = "the coordinator's configuration", isSaved: Bool = false
    ) throws {
        let value: JSONValue
        do {
            // No setting lies deeper.
            value = try JSONValue(parsing: data, depth: 8)
        } catch {
            throw ConfigurationError(source: source, faults: [.init(path: "", "not JSON: \(error)")])
        }
        try self.init(tree: ConfigurationTree(value), source: source, isSaved: isSaved)
    }

    /// The whole configuration as one line of JSON with sorted keys: equal text for equal configurations.
    package var canonicalJSON: Data {
        Data(
            Self.canonical(
                settings().map { ($0.path.split(separator: ".")[...], $0.setting.written.json) }
            ).utf8)
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
