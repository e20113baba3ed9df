import Foundation

/// Any JSON object, kept as one line of text with sorted keys.
package struct JSONObjectText: Sendable, Hashable, Decodable {
    package let text: String

    /// The largest text in bytes; a larger one would not fit into a message to a worker.
    package static let limit = 64 << 10

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let object = try container.decode([String: Node].self)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(object)
        guard bytes.count <= Self.limit else {
            throw TooLarge(count: bytes.count)
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    private struct TooLarge: Error, CustomStringConvertible {
        let count: Int
        var description: String { "an object of \(count) bytes; at most \(JSONObjectText.limit) are carried" }
    }

    private enum Node: Codable {
        case null
        case flag(Bool)
        case integer(Int64)
        case number(Double)
        case text(String)
        case list([Node])
        case object([String: Node])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let integer = try? container.decode(Int64.self) {
                self = .integer(integer)
            } else if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([Node].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode([String: Node].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .flag(let flag): try container.encode(flag)
            case .integer(let integer): try container.encode(integer)
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .list(let list): try container.encode(list)
            case .object(let object): try container.encode(object)
            }
        }
    }
}
