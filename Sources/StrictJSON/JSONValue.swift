/// A JSON value (RFC 8259).
///
/// Numbers keep every digit.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Any other number, as written: one with a fraction or an exponent, or an integer outside the range of
    /// `Int`.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// The members in the order of the text; keys are unique.
    case object([Member])

    package struct Member: Sendable, Hashable {
        package let key: String
        package let value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package static func unsigned(_ number: UInt64) -> JSONValue {
        Int(exactly: number).map { .integer($0) } ?? .number(String(number))
    }

    /// The number as JSON; infinities and NaN, which JSON lacks, become null.
    package static func double(_ number: Double) -> JSONValue {
        number.isFinite ? .number(String(number)) : .null
    }

    /// A short description of the value for error messages.
    package var summary: String {
        switch self {
        case .null: "null"
        case .bool(let flag): String(flag)
        case .integer(let number): String(number)
        case .number(let text): text
        case .string(let text): text.utf8.count > 64 ? "\"\(text.prefix(60))…\"" : "\"\(text)\""
        case .array(let values): "an array of \(values.count)"
        case .object(let members): "an object of \(members.count)"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(key: $0.0, value: $0.1) })
    }
}
