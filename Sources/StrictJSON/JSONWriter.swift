extension JSONValue {
    /// The layout of the text.
    package enum Style: Sendable {
        /// One line without spaces, members in their own order.
        case compact
        /// One line without spaces, members sorted by key: equal values give equal texts.
        case sorted
        /// One line per member, indented by two spaces and sorted by key; arrays stay on one line.
        case indented
    }

    /// The value as JSON in UTF-8.
    package func bytes(_ style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(self)
        return writer.bytes
    }

    /// The value as JSON.
    package func text(_ style: Style = .compact) -> String { String(decoding: bytes(style), as: UTF8.self) }
}

/// Writes values as JSON that is also valid YAML.
private struct JSONWriter {
    let style: JSONValue.Style
    private(set) var bytes: [UInt8] = []
    private var indentation = 0

    private static let hex = Array("0123456789abcdef".utf8)

    init(style: JSONValue.Style) {
        self.style = style
        // Large enough for most texts.
        bytes.reserveCapacity(512)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: put("null")
        case .bool(let flag): put(flag ? "true" : "false")
        case .integer(let number): put(String(number))
        case .number(let text): put(text)
        case .string(let text): write(text)
        case .array(let values):
            put("[")
            for (index, value) in values.enumerated() {
                if index > 0 { put(style == .indented ? ", " : ",") }
                write(value)
            }
            put("]")
        case .object(let members):
            put("{")
            indentation += 2
            for (index, member) in ordered(members).enumerated() {
                if index > 0 { put(",") }
                breakLine()
                write(member.key)
                put(style == .indented ? ": " : ":")
                write(member.value)
            }
            indentation -= 2
            breakLine()
            put("}")
        }
    }

    private func ordered(_ members: [JSONValue.Member]) -> [JSONValue.Member] {
        style == .compact ? members : members.sorted { $0.key < $1.key }
    }

    private mutating func breakLine() {
        guard style == .indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indentation))
    }

    private mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if isPlain(text) {
            put(text)
        } else {
            for scalar in text.unicodeScalars { write(scalar) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": put("\\\"")
        case "\\": put("\\\\")
        case "\n": put("\\n")
        case "\t": put("\\t")
        case "\r": put("\\r")
        // YAML requires these escapes, and so do programs that split lines at U+0085, U+2028 and U+2029.
        case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
            put("\\u")
            for shift in [12, 8, 4, 0] { bytes.append(Self.hex[Int(scalar.value >> UInt32(shift) & 15)]) }
        default: bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
        }
    }

    /// Whether a text contains no byte that may start a character to be escaped.
    private func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 {
            $0.allSatisfy { byte in
                byte >= 0x20 && byte != 0x22 && byte != 0x5C && byte != 0x7F && byte != 0xC2 && byte != 0xE2
                    && byte != 0xEF
            }
        }
    }
}
