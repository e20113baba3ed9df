import StrictJSON

extension ObjectReader {
    /// Reads a whole object of a message; a member that `body` does not read is an error.
    ///
    /// - Throws: `WireError`.
    static func read<Value>(
        _ value: JSONValue, path: String, _ body: (inout ObjectReader) throws -> Value
    ) throws -> Value {
        do {
            return try JSONField(value, path: path).object(body)
        } catch let error as JSONError {
            throw WireError(error)
        }
    }

    mutating func value(_ key: String) throws -> JSONValue { try required(key).value }

    mutating func string(_ key: String, atMost limit: Int) throws -> String {
        try required(key).string(atMost: limit)
    }

    /// Reads a string, or nil for null; a missing member is an error.
    mutating func optionalString(_ key: String, atMost limit: Int) throws -> String? {
        let field = try required(key)
        return field.value == .null ? nil : try field.string(atMost: limit)
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        try required(key).integer(in: range)
    }

    mutating func unsigned(_ key: String) throws -> UInt64 { try required(key).unsigned() }

    mutating func bool(_ key: String) throws -> Bool { try required(key).bool() }

    /// Reads a duration, which travels as a whole number of microseconds.
    mutating func duration(_ key: String) throws -> Duration {
        .microseconds(try integer(key, in: 0...1_000_000_000_000_000))
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) throws
        -> Choice
    where Choice.RawValue == String {
        try required(key).choice(type)
    }

    mutating func array<Element>(
        _ key: String, atMost limit: Int, _ element: (JSONValue, String) throws -> Element
    ) throws -> [Element] {
        try required(key).elements(atMost: limit).map { try element($0.value, $0.path) }
    }
}

extension WireError {
    /// Converts an error in a header's text or in one of its members.
    init(_ error: JSONError) {
        let code: Code =
            switch error.code {
            case .syntax, .repeatedKey: .syntax
            case .missingField: .missingField
            case .unknownField: .unknownField
            case .wrongType: .wrongType
            case .outOfRange, .unusable: .outOfRange
            }
        let place = error.offset.map { "header byte \($0)" }
        let field = [error.path, place ?? ""].filter { !$0.isEmpty }.joined(separator: ", ")
        self.init(code, field: field, found: error.found, wanted: error.wanted)
    }
}
