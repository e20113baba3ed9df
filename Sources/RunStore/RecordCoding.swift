import Foundation

/// JSON as a run's folder holds it: one line, sorted snake_case keys, ISO 8601 dates, and "inf", "-inf" and "nan" for
/// numbers that JSON cannot write.
///
/// Keys in camelCase are read, too, and `epoch` for `incarnation`: older runs and the tables have them.
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

    /// - Parameter pretty: one value a line, for files that people open.
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

    /// The name of the property that a key or a column holds: `thought_length` is `thoughtLength`, `problem_id` is
    /// `problemID`.
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

    /// Properties that had another name in records of older runs.
    private static let former = ["epoch": "incarnation", "staleEpoch": "staleIncarnation"]

    private static let acronyms: Set<Substring> = ["id", "sha256"]

    /// A key of any name.
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
