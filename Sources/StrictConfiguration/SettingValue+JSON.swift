extension SettingValue {
    /// The value as JSON, which is YAML too: one spelling of each value.
    package var json: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .flag(let value): String(value)
        case .text(let value): SettingValue.quoted(value)
        case .integers(let values): "[" + values.map { String($0) }.joined(separator: ", ") + "]"
        case .numbers(let values): "[" + values.map { String($0) }.joined(separator: ", ") + "]"
        case .texts(let values): "[" + values.map(SettingValue.quoted).joined(separator: ", ") + "]"
        case .records(let records):
            "["
                + records.map { record in
                    let members = record.map {
                        "\(SettingValue.quoted($0.name)): \(SettingValue.quoted($0.text))"
                    }
                    return "{" + members.joined(separator: ", ") + "}"
                }.joined(separator: ", ") + "]"
        case .none: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            // YAML wants the C1 controls, separators and byte order mark escaped, JSON allows it.
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
