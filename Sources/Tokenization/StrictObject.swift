/// A JSON object of which every key must be known.
struct StrictObject {
    private let container: KeyedDecodingContainer<AnyKey>

    struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Throws `unsupported` for the first key that is not among `keys`.
    init(_ decoder: any Decoder, keys: [String]) throws {
        container = try decoder.container(keyedBy: AnyKey.self)
        if let unknown = container.allKeys.map(\.stringValue).sorted().first(where: { !keys.contains($0) }) {
            throw TokenizerError.unsupported(
                place: place(unknown), value: "a key", remedy: "known here: \(keys.joined(separator: ", "))")
        }
    }

    /// The `type` of a component, which must be one of those given.
    static func type(of decoder: any Decoder, among types: [String]) throws -> String {
        let container = try decoder.container(keyedBy: AnyKey.self)
        let type = try container.decode(String.self, forKey: AnyKey("type"))
        guard types.contains(type) else {
            throw TokenizerError.unsupported(
                place: place(decoder.codingPath, "type"), value: "'\(type)'",
                remedy: "known here: \(types.joined(separator: ", "))")
        }
        return type
    }

    func required<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
        try container.decode(type, forKey: AnyKey(key))
    }

    /// nil when the key is missing or null.
    func optional<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value? {
        try container.decodeIfPresent(type, forKey: AnyKey(key))
    }

    func mustBeNull(_ key: String, remedy: String) throws {
        guard container.contains(AnyKey(key)), try !container.decodeNil(forKey: AnyKey(key)) else { return }
        throw TokenizerError.unsupported(place: place(key), value: "set", remedy: remedy)
    }

    /// Throws unless the key is missing, null, or one of `values`.
    func mustBe<Value: Decodable & Equatable>(_ values: [Value], _ key: String, remedy: String) throws {
        guard let value = try optional(Value.self, key), !values.contains(value) else { return }
        throw TokenizerError.unsupported(place: place(key), value: "'\(value)'", remedy: remedy)
    }

    func place(_ key: String) -> String { Self.place(container.codingPath, key) }

    /// A path of keys, as messages show it.
    static func place(_ path: [any CodingKey], _ last: String? = nil) -> String {
        let keys = path.map { $0.intValue.map(String.init) ?? $0.stringValue } + (last.map { [$0] } ?? [])
        return keys.isEmpty ? "file" : keys.joined(separator: ".")
    }
}
