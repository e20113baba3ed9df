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

    /// Throws `unsupported` for the first key that is not among `keys`; nil lets all keys pass.
    init(_ decoder: any Decoder, keys: [String]?) throws {
        container = try decoder.container(keyedBy: AnyKey.self)
        guard let keys else { return }
        if let unknown = container.allKeys.map(\.stringValue).sorted().first(where: { !keys.contains($0) }) {
            throw TokenizerError.unsupported(
                place: place(unknown), value: "a key", remedy: "known here: \(keys.joined(separator: ", "))")
        }
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

    func mustBe(_ values: [String], _ key: String) throws {
        let value = try required(String.self, key)
        guard values.contains(value) else {
            throw TokenizerError.unsupported(
                place: place(key), value: "'\(value)'",
                remedy: "known here: \(values.joined(separator: ", "))")
        }
    }

    func place(_ key: String) -> String {
        (container.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } + [key]).joined(
            separator: ".")
    }

    static func place(_ decoder: any Decoder) -> String {
        decoder.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
