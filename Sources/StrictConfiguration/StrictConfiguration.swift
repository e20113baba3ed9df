package import Foundation
import StrictJSON

/// A whole configuration: a tree of sections, filled in from a file, a flag or a message.
///
/// A file contains only the changes; an unknown key is an error that suggests the nearest known key.
package protocol StrictConfiguration: ConfigurationSection {
    /// The command that prints all keys.
    static var printingCommand: String { get }

    /// Keys of earlier versions, with a hint for each.
    static var formerKeys: [FormerKey] { get }

    /// What other programs call a setting, with an answer for each; the spelling is that of `FamiliarName.plain`.
    static var familiarNames: [String: FamiliarName] { get }

    /// What a saved configuration without a key means, by path, where that is not the key's default: the run was
    /// made before the key was there.
    static var valuesBefore: [String: String] { get }
}

/// What a name of another program means here.
package enum FamiliarName: Sendable {
    /// The paths of the settings that do the same, and what differs.
    case key([String], note: String? = nil)
    /// There is no such setting, for this reason.
    case none(String)

    package static func key(_ path: String, _ note: String? = nil) -> FamiliarName {
        .key([path], note: note)
    }

    /// The end of a message that begins with `unknown key; `.
    var hint: String {
        switch self {
        case .key(let paths, let note):
            "here it is \(paths.joined(separator: " and "))\(note.map { " (\($0))" } ?? "")"
        case .none(let reason): "there is none, because \(reason)"
        }
    }

    /// A name in lower case without `_` and `-`, in which `maxNewTokens` and `max_new_tokens` are equal.
    package static func plain(_ name: some StringProtocol) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }
}

/// A part of a configuration and where it comes from: a file, a flag, or a message.
package struct ConfigurationLayer: Sendable {
    package let tree: ConfigurationTree
    /// The name in messages.
    package let source: String
    /// The folder from which its relative paths count; nil for paths that stay as they are.
    package let folder: String?

    package init(_ tree: ConfigurationTree, source: String, folder: String? = nil) {
        self.tree = tree
        self.source = source
        self.folder = folder
    }
}

/// A key that was a setting in an earlier version, with a hint for people who still write it.
package struct FormerKey: Sendable {
    package let path: String
    /// The remedy; a message puts it after the key's path.
    package let hint: String
    /// The path at which a saved configuration's value now belongs; nil when there is no such setting.
    let newPath: String?
    /// The values that a saved configuration may have for the key; nil for any value.
    let values: [String]?

    /// - Parameter values: the values that a saved configuration may have without effect; nil for any value.
    package static func removed(_ path: String, values: [String]? = nil, _ hint: String) -> FormerKey {
        FormerKey(path: path, hint: hint, newPath: nil, values: values)
    }

    package static func renamed(_ path: String, to newPath: String) -> FormerKey {
        FormerKey(path: path, hint: "is now \(newPath); rename it", newPath: newPath, values: nil)
    }
}

extension StrictConfiguration {
    package static var formerKeys: [FormerKey] { [] }
    package static var familiarNames: [String: FamiliarName] { [:] }
    package static var valuesBefore: [String: String] { [:] }

    /// Reads a tree that contains only the changes from the defaults.
    ///
    /// - Parameters:
    ///   - source: origin of the tree, for messages.
    ///   - isSaved: whether a run saved the tree; the keys in `formerKeys` are then accepted.
    /// - Throws: `ConfigurationError` with every unknown key, wrong type and invalid value.
    package init(tree: ConfigurationTree, source: String, isSaved: Bool = false) throws {
        self.init()
        var faults: [ConfigurationError.Fault] = []
        try apply(ConfigurationLayer(tree, source: source), isSaved: isSaved, faults: &faults)
        if faults.isEmpty { faults = allContradictions() }
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    /// Sets what a layer says, and collects what is wrong with it; contradictions are not looked for.
    package mutating func apply(
        _ layer: ConfigurationLayer, isSaved: Bool = false, faults: inout [ConfigurationError.Fault]
    ) throws {
        var reader = ConfigurationReader(Self.self, readsFormerKeys: isSaved)
        reader.read(layer.tree, at: "", line: nil)
        if isSaved {
            for (path, value) in Self.valuesBefore where reader.values[path] == nil {
                reader.read(.plain(value), at: path, line: nil)
            }
        }
        self = try replacing(reader.values)
        faults += reader.faults.map { $0.found(in: layer.source) }
    }

    /// Reads JSON, such as the configuration that a coordinator sends to its workers.
    ///
    /// - Throws: `ConfigurationError`.
    package init(
        json data: Data, source: String = "the coordinator's configuration", isSaved: Bool = false
    ) throws {
        let value: JSONValue
        do {
            // No setting is nested deeper.
            value = try JSONValue(parsing: data, depth: 8)
        } catch {
            throw ConfigurationError(source: source, faults: [.init(path: "", "not JSON: \(error)")])
        }
        try self.init(tree: ConfigurationTree(value), source: source, isSaved: isSaved)
    }

    /// The whole configuration as one line of JSON with sorted keys; equal configurations give equal text.
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
