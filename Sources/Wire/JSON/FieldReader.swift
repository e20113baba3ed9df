
/// Reads the members of one JSON object, each once, and refuses what is left over.
struct FieldReader {
    let path: String
    /// A handful, so that looking through them is quicker than hashing.
    private var members: [JSONValue.Member]

    init(_ value: JSONValue, path: String) throws {
        guard case .object(let members) = value else {
            throw WireError(.wrongType, field: path, found: value.summary, wanted: "an object")
        }
        self.path = path
        self.members = members
    }

    /// Reads the whole of an object: whatever `body` leaves unread is refused.
    static func read<Value>(
        _ value: JSONValue, path: String, _ body: (inout FieldReader) throws -> Value
    ) throws -> Value {
        var reader = try FieldReader(value, path: path)
        let result = try body(&reader)
        try reader.finish()
        return result
    }

    func finish() throws {
        guard let key = members.map(\.key).min() else { return }
        throw WireError(.unknownField, field: "\(path).\(key.prefix(64))", found: "present", wanted: "absent")
    }

    func has(_ key: String) -> Bool { members.contains { $0.key == key } }

    mutating func value(_ key: String) throws -> JSONValue {
        guard let place = members.firstIndex(where: { $0.key == key }) else {
            throw WireError(.missingField, field: "\(path).\(key)", found: "absent", wanted: "present")
        }
        return members.remove(at: place).value
    }

    mutating func string(_ key: String, atMost limit: Int) throws -> String {
        let value = try value(key)
        guard case .string(let text) = value else { throw wrongType(key, value, "a string") }
        guard text.utf8.count <= limit else {
            throw WireError(
                .outOfRange, field: "\(path).\(key)", found: "\(text.utf8.count) bytes",
                wanted: "at most \(limit)")
        }
        return text
    }

    /// Null is no string.
    mutating func optionalString(_ key: String, atMost limit: Int) throws -> String? {
        guard let place = members.firstIndex(where: { $0.key == key }), members[place].value == .null else {
            return try string(key, atMost: limit)
        }
        members.remove(at: place)
        return nil
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        let value = try value(key)
        guard case .integer(let number) = value else { throw wrongType(key, value, "a whole number") }
        guard range.contains(number) else {
            throw WireError(
                .outOfRange, field: "\(path).\(key)", found: String(number),
                wanted: "\(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func unsigned(_ key: String) throws -> UInt64 {
        let value = try value(key)
        switch value {
        case .integer(let number) where number >= 0: return UInt64(number)
        case .unsigned(let number): return number
        default: throw wrongType(key, value, "a whole number of 64 bits")
        }
    }

    mutating func bool(_ key: String) throws -> Bool {
        let value = try value(key)
        guard case .bool(let flag) = value else { throw wrongType(key, value, "true or false") }
        return flag
    }

    /// Seconds, as a whole number of microseconds.
    mutating func duration(_ key: String) throws -> Duration {
        .microseconds(try integer(key, in: 0...1_000_000_000_000_000))
    }

    mutating func choice<Choice: RawRepresentable>(_ key: String, _: Choice.Type) throws -> Choice
    where Choice.RawValue == String {
        let text = try string(key, atMost: 64)
        guard let choice = Choice(rawValue: text) else {
            throw WireError(
                .outOfRange, field: "\(path).\(key)", found: "\"\(text)\"", wanted: "a known \(Choice.self)")
        }
        return choice
    }

    mutating func array<Element>(
        _ key: String, atMost limit: Int, _ element: (JSONValue, String) throws -> Element
    ) throws -> [Element] {
        let value = try value(key)
        guard case .array(let values) = value else { throw wrongType(key, value, "an array") }
        guard values.count <= limit else {
            throw WireError(
                .outOfRange, field: "\(path).\(key)", found: "\(values.count) elements",
                wanted: "at most \(limit)")
        }
        return try values.enumerated().map { try element($0.element, "\(path).\(key)[\($0.offset)]") }
    }

    private func wrongType(_ key: String, _ value: JSONValue, _ wanted: String) -> WireError {
        WireError(.wrongType, field: "\(path).\(key)", found: value.summary, wanted: wanted)
    }
}
