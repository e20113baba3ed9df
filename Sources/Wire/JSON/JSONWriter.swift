
/// Writes a value as compact JSON in UTF-8.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    static func bytes(of value: JSONValue) -> [UInt8] {
        var writer = JSONWriter()
        // Most headers fit.
        writer.bytes.reserveCapacity(512)
        writer.write(value)
        return writer.bytes
    }

    private mutating func write(_ value: JSONValue) {
        switch value {
        case .null: put("null")
        case .bool(let flag): put(flag ? "true" : "false")
        case .integer(let number): put(String(number))
        case .unsigned(let number): put(String(number))
        // Not a number has no JSON; the reader of the field will say that null is of the wrong type.
        case .double(let number): put(number.isFinite ? String(number) : "null")
        case .string(let text): write(text)
        case .array(let values):
            put("[")
            for (index, value) in values.enumerated() {
                if index > 0 { put(",") }
                write(value)
            }
            put("]")
        case .object(let members):
            put("{")
            for (index, member) in members.enumerated() {
                if index > 0 { put(",") }
                write(member.key)
                put(":")
                write(member.value)
            }
            put("}")
        }
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if isPlain(text) {
            put(text)
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): put("\\\"")
            case UInt8(ascii: "\\"): put("\\\\")
            case UInt8(ascii: "\n"): put("\\n")
            case 0..<0x20:
                put("\\u00")
                bytes.append(Self.hex[Int(byte >> 4)])
                bytes.append(Self.hex[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether it is written as it is.
    private func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { $0.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C } }
    }

    private static let hex = Array("0123456789abcdef".utf8)
}
