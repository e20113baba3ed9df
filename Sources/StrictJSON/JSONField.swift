/// One value with its path, which the errors of its conversions name.
package struct JSONField: Sendable {
    package let value: JSONValue
    /// The path of the enclosing object or array.
    private let parent: String
    /// The value's key, or `[3]` for an element.
    private let step: String

    /// - Parameter path: the value's name in errors; empty for a whole text.
    package init(_ value: JSONValue, path: String = "") {
        self.init(value, parent: path, step: "")
    }

    /// - Parameters:
    ///   - text: one JSON value.
    ///   - path: the value's name in errors.
    package init(
        parsing text: some Collection<UInt8>, path: String = "", depth: Int = 128
    ) throws(JSONError) {
        self.init(try JSONValue(parsing: text, depth: depth), path: path)
    }

    init(_ value: JSONValue, parent: String, step: String) {
        self.value = value
        self.parent = parent
        self.step = step
    }

    /// The keys to the value: `layers[2].name`.
    package var path: String { Self.path(parent, step) }

    static func path(_ parent: String, _ step: String) -> String {
        if parent.isEmpty { return step }
        return step.isEmpty ? parent : step.hasPrefix("[") ? parent + step : "\(parent).\(step)"
    }

    /// An error with its own description of the problem: `is 15, which is odd`.
    package func unusable(_ words: String) -> JSONError {
        JSONError(.unusable, path: path, found: words, wanted: "")
    }

    package func error(_ code: JSONError.Code, wanted: String) -> JSONError {
        JSONError(code, path: path, found: value.summary, wanted: wanted)
    }

    /// - Parameter limit: maximum length in bytes of UTF-8.
    package func string(atMost limit: Int = .max) throws(JSONError) -> String {
        guard case .string(let text) = value else { throw error(.wrongType, wanted: "a string") }
        guard text.utf8.count <= limit else {
            throw JSONError(
                .outOfRange, path: path, found: "\(text.utf8.count) bytes", wanted: "at most \(limit)")
        }
        return text
    }

    package func integer(in range: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int {
        guard case .integer(let number) = value else { throw error(.wrongType, wanted: wanted(range)) }
        guard range.contains(number) else { throw error(.outOfRange, wanted: wanted(range)) }
        return number
    }

    private func wanted(_ range: ClosedRange<Int>) -> String {
        range == .min ... .max
            ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }

    package func unsigned() throws(JSONError) -> UInt64 {
        switch value {
        case .integer(let number) where number >= 0: return UInt64(number)
        case .number(let text):
            if let number = UInt64(text) { return number }
            fallthrough
        default: throw error(.wrongType, wanted: "a whole number from 0 to \(UInt64.max)")
        }
    }

    /// The value as a number; digits beyond the precision of `Double` are lost.
    package func double() throws(JSONError) -> Double {
        switch value {
        case .integer(let number): return Double(number)
        case .number(let text): return Double(text) ?? .nan
        default: throw error(.wrongType, wanted: "a number")
        }
    }

    package func bool() throws(JSONError) -> Bool {
        guard case .bool(let flag) = value else { throw error(.wrongType, wanted: "true or false") }
        return flag
    }

    /// The case whose raw value is the value.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _: Choice.Type
    ) throws(JSONError) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try string()) else {
            throw error(
                .outOfRange, wanted: "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    /// The elements of an array.
    package func elements(atMost limit: Int = .max) throws(JSONError) -> [JSONField] {
        guard case .array(let values) = value else { throw error(.wrongType, wanted: "an array") }
        guard values.count <= limit else {
            throw JSONError(
                .outOfRange, path: path, found: "\(values.count) elements", wanted: "at most \(limit)")
        }
        let path = path
        return values.enumerated().map { JSONField($0.element, parent: path, step: "[\($0.offset)]") }
    }

    /// The member of an object, or the element of an array by its index; nil when there is none.
    package subscript(key: String) -> JSONField? {
        switch value {
        case .object(let members):
            members.first { $0.key == key }.map { JSONField($0.value, parent: path, step: key) }
        case .array(let values):
            Int(key).flatMap { values.indices.contains($0) ? $0 : nil }
                .map { JSONField(values[$0], parent: path, step: "[\($0)]") }
        default: nil
        }
    }

    /// The members of an object.
    package func members() throws(JSONError) -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw error(.wrongType, wanted: "an object") }
        return members
    }

    /// Reads a whole object; a member that `body` does not read is an error.
    package func object<Value>(_ body: (inout ObjectReader) throws -> Value) throws -> Value {
        var reader = try ObjectReader(self)
        let result = try body(&reader)
        try reader.finish()
        return result
    }
}
