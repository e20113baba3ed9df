import Foundation

/// The JSON of a run's folder: one line, sorted snake_case keys, ISO 8601 dates, and "inf", "-inf" and "nan"
/// for numbers that JSON cannot express.
///
/// Reading also accepts camelCase keys, and `epoch` for `incarnation`, which older runs and the tables use.
enum RecordCoding {
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    /// - Parameter pretty: writes one value per line, for files that people open.
    static func encode(_ value: some Encodable, pretty: Bool = false) throws -> Data {
        let encoder = encoder
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(value)
    }

    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        try decoder.decode(type, from: data)
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { Key(property(of: $0.last?.stringValue ?? "")) }
        decoder.dateDecodingStrategy = .iso8601
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }

    /// The property name for a key or a column: `thought_length` becomes `thoughtLength`, `problem_id`
    /// becomes `problemID`.
    static func property(of name: String) -> String {
        if let known = former[name] { return known }
        let words = name.split(separator: "_")
        guard words.count > 1 else { return name }
        return words.dropFirst().reduce(String(words[0])) { name, word in
            name
                + (acronyms.contains(word)
                    ? word.uppercased() : word.prefix(1).uppercased() + word.dropFirst())
        }
    }

    /// Property names in records of older runs, with the present names.
    private static let former = ["epoch": "incarnation", "staleEpoch": "staleIncarnation"]

    private static let acronyms: Set<Substring> = ["id", "sha256"]

    /// A key with any name.
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
