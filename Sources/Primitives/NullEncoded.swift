/// An optional that is encoded as null when it is nil, so that every output object has the same keys.
@propertyWrapper
package struct NullEncoded<Value: Encodable>: Encodable {
    package var wrappedValue: Value?

    package init(wrappedValue: Value? = nil) { self.wrappedValue = wrappedValue }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension NullEncoded: Sendable where Value: Sendable {}
extension NullEncoded: Equatable where Value: Equatable {}
extension NullEncoded: Hashable where Value: Hashable {}

extension NullEncoded: Decodable where Value: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }
}

extension KeyedDecodingContainer {
    /// Objects that were written before the key was known lack it.
    package func decode<Value: Codable>(_ type: NullEncoded<Value>.Type, forKey key: Key) throws
        -> NullEncoded<Value>
    {
        NullEncoded(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }
}
