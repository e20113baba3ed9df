/// A group of settings under one key, such as `learning`; every stored property is a `Setting` or another
/// section.
///
///     struct Sums: ConfigurationSection {
///         @Setting(.range(within: 2...16), "numbers of a sum") var terms = 2...4
///         @Setting(.range(within: 0...1_000_000), "each of the numbers") var number = 1...99
///     }
///
/// The keys are the names of the properties, in the order of their declaration. A reader finds them with
/// `Mirror`, and makes a changed section through the `Decodable` conformance that the compiler generates; no
/// other decoder can make one.
package protocol ConfigurationSection: Sendable, Hashable, Decodable {
    /// Makes a section with the default values.
    init()

    /// Whether its keys appear directly in the enclosing section, without a key for this section.
    static var isInline: Bool { get }

    /// Contradictions between values that are allowed individually; paths start at this section.
    func contradictions() -> [ConfigurationError.Fault]
}

/// A setting with its path.
package struct LocatedSetting: Sendable {
    /// Keys from the top level, joined by dots: `learning.rate`.
    package let path: String
    package let setting: any AnySetting

    /// The path without its last key; "" at the top level.
    var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
}

extension ConfigurationSection {
    package static var isInline: Bool { false }
    package func contradictions() -> [ConfigurationError.Fault] { [] }

    /// Makes the defaults with changes.
    ///
    ///     try Sums { $0.terms = 2...2 }
    ///
    /// - Throws: `ConfigurationError` for a value that is not allowed, or for a contradiction.
    package init(_ change: (inout Self) -> Void) throws {
        self.init()
        change(&self)
        try validate(source: "\(Self.self)")
    }

    /// Checks values that were set by code or by flags.
    ///
    /// - Throws: `ConfigurationError` with every value that is not allowed or, when all are allowed, every
    ///   contradiction.
    package func validate(source: String = "configuration") throws {
        let outside = settings().filter { $0.setting.reading($0.setting.written) == nil }.map {
            ConfigurationError.Fault(notAllowed: $0.setting.written, for: $0.setting, path: $0.path)
        }
        let faults = outside.isEmpty ? allContradictions() : outside
        guard faults.isEmpty else { throw ConfigurationError(source: source, faults: faults) }
    }

    /// The settings and sections by key.
    package var members: [(key: String, value: Any)] {
        Mirror(reflecting: self).children.map { child in
            // The compiler stores the wrapper of `rate` as `_rate`.
            let label = child.label ?? ""
            return (label.hasPrefix("_") ? String(label.dropFirst()) : label, child.value)
        }
    }

    /// Every setting of this section and its subsections, in the order of a printed configuration.
    package func settings(below path: String = "") -> [LocatedSetting] {
        members.flatMap { key, value -> [LocatedSetting] in
            switch value {
            case let setting as any AnySetting:
                [LocatedSetting(path: path.appending(key: key), setting: setting)]
            case let section as any ConfigurationSection:
                section.settings(below: section.path(key, below: path))
            default: preconditionFailure("\(Self.self).\(key) is neither a setting nor a section")
            }
        }
    }

    /// The contradictions of this section and its subsections.
    func allContradictions(below path: String = "") -> [ConfigurationError.Fault] {
        contradictions().map { $0.moved(below: path) }
            + members.flatMap { key, value in
                (value as? any ConfigurationSection).map {
                    $0.allContradictions(below: $0.path(key, below: path))
                } ?? []
            }
    }

    /// A copy with new values, given by path.
    func replacing(_ settings: [String: any AnySetting], below path: String = "") throws -> Self {
        var replaced: [String: Any] = [:]
        for (key, value) in members {
            replaced[key] =
                if let section = value as? any ConfigurationSection {
                    try section.replacing(settings, below: section.path(key, below: path))
                } else {
                    settings[path.appending(key: key)] ?? value
                }
        }
        return try Self(from: MemberDecoder(members: replaced))
    }

    private func path(_ key: String, below path: String) -> String {
        Self.isInline ? path : path.appending(key: key)
    }
}

extension String {
    /// The path of a key in the section with this path.
    func appending(key: String) -> String { isEmpty ? key : key.isEmpty ? self : "\(self).\(key)" }
}

/// Passes whole values, by property name, to a `Decodable` type.
private struct MemberDecoder: Decoder {
    let members: [String: Any]
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Members(members: members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw unusable }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw unusable }

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let members: [String: Any]
        var codingPath: [any CodingKey] { [] }
        var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }

        func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            guard let value = members[key.stringValue] as? Value else { throw unusable }
            return value
        }

        func nestedContainer<Nested>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw unusable }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unusable }
        func superDecoder() throws -> any Decoder { throw unusable }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw unusable }
    }
}

private let unusable = DecodingError.dataCorrupted(
    .init(codingPath: [], debugDescription: "a section holds settings and sections only"))
