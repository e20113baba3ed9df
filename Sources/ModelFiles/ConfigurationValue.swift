import Foundation

/// Any JSON value.
enum ConfigurationValue: Decodable, Hashable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([ConfigurationValue])
    case object([String: ConfigurationValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([ConfigurationValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: ConfigurationValue].self))
        }
    }

    /// JSON with sorted keys, where a number keeps its decimal point: transformers wants 8.0, not 8, for some.
    func json(indent: String = "") throws -> String {
        let inner = indent + "  "
        switch self {
        case .null: return "null"
        case .flag(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .text(let value): return try Self.quoted(value)
        case .list(let values): return "[\(try values.map { try $0.json() }.joined(separator: ", "))]"
        case .object(let values):
            let members = try values.sorted { $0.key < $1.key }.map {
                "\(inner)\(try Self.quoted($0.key)): \(try $0.value.json(indent: inner))"
            }
            return "{\n\(members.joined(separator: ",\n"))\n\(indent)}"
        }
    }

    private static func quoted(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }

    /// As it stands in the file, cut short, for a message.
    var shown: String {
        switch self {
        case .null: "null"
        case .flag(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .text(let value): "\"\(value.prefix(60))\""
        case .list(let values):
            "[\(values.prefix(4).map(\.shown).joined(separator: ", "))\(values.count > 4 ? ", …" : "")]"
        case .object(let values): "{\(values.keys.sorted().prefix(6).joined(separator: ", "))}"
        }
    }
}
