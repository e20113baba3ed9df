
/// Reads exactly one JSON value (RFC 8259) and nothing behind it; stricter than most readers.
///
/// Refused: repeated keys, bytes that are not UTF-8, lone surrogates, whole numbers beyond 64 bits, numbers beyond
/// Double, nesting beyond `depthLimit`. Memory and time are bounded by the size of the text, which callers bound.
struct JSONParser {
    /// Deeper than any header of ours.
    static let depthLimit = 8

    private let bytes: [UInt8]
    private var position = 0

    /// - Throws: `WireError` of code `syntax`.
    static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else {
            throw parser.error("\(bytes.count - parser.position) bytes behind the value", wanted: "none")
        }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ found: String, wanted: String) -> WireError {
        WireError(.syntax, field: "header byte \(position)", found: found, wanted: wanted)
    }

    private var here: String {
        position < bytes.count ? "byte \(bytes[position])" : "the end"
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth <= Self.depthLimit else {
            throw error("nesting of \(depth)", wanted: "at most \(Self.depthLimit)")
        }
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
        let count = word.utf8CodeUnitCount
        let matches =
            bytes.count - position >= count
            && word.withUTF8Buffer { text in
                bytes[position..<position + count].elementsEqual(text)
            }
        guard matches else { throw error(here, wanted: "\(word)") }
        position += count
        return value
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        var keys: Set<String> = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            let key = try string()
            guard isNew(key, among: members, &keys) else {
                throw error("the key \"\(key)\" again", wanted: "it once")
            }
            skipSpace()
            guard take(":") else { throw error(here, wanted: ":") }
            skipSpace()
            members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error(here, wanted: ", or }") }
        }
    }

    /// Few keys are compared with each other; of many, as only strangers send, a set is kept.
    private func isNew(_ key: String, among members: [JSONValue.Member], _ keys: inout Set<String>) -> Bool {
        if members.count < 16 { return !members.contains { $0.key == key } }
        if keys.isEmpty { keys = Set(members.map(\.key)) }
        return keys.insert(key).inserted
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(values) }
        while true {
            skipSpace()
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw error(here, wanted: ", or ]") }
        }
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        var isWhole = true
        _ = take("-")
        if take("0") {
            // No digit may follow a leading zero; whoever reads on finds it.
        } else {
            guard try digits() else { throw error(here, wanted: "a value") }
        }
        if take(".") {
            isWhole = false
            guard try digits() else { throw error(here, wanted: "a digit") }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard try digits() else { throw error(here, wanted: "a digit") }
        }
        // Eighteen digits fit, whatever they are.
        if isWhole, position - start <= 18 {
            let isNegative = bytes[start] == UInt8(ascii: "-")
            let value = bytes[(isNegative ? start + 1 : start)..<position].reduce(0) {
                $0 * 10 + Int($1 & 15)
            }
            return .integer(isNegative ? -value : value)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            if let number = Int(text) { return .integer(number) }
            if let number = UInt64(text) { return .unsigned(number) }
            throw error(String(text.prefix(40)), wanted: "a whole number of 64 bits")
        }
        guard let number = Double(text), number.isFinite else {
            throw error(String(text.prefix(40)), wanted: "a number that Double can hold")
        }
        return .double(number)
    }

    /// Whether there was at least one; a number of more than 40 digits is nobody's.
    private mutating func digits() throws -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position - start <= 40 else { throw error("\(position - start) digits", wanted: "at most 40") }
        return position > start
    }

    private mutating func string() throws -> String {
        guard take("\"") else { throw error(here, wanted: "\"") }
        if let plain = plainString() { return plain }
        var text: [UInt8] = []
        while true {
            let start = position
            while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 { position += 1 }
            text.append(contentsOf: bytes[start..<position])
            if take("\"") { break }
            guard take("\\") else { throw error(here, wanted: "the end of the string") }
            try escape(into: &text)
        }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw error("a string that is not UTF-8", wanted: "UTF-8")
        }
        return string
    }

    /// A string of ASCII without escapes, which most are; nil, and nothing read, for any other.
    private mutating func plainString() -> String? {
        var end = position
        while end < bytes.count, bytes[end] >= 0x20, bytes[end] < 0x80, bytes[end] != 0x22, bytes[end] != 0x5C
        {
            end += 1
        }
        guard end < bytes.count, bytes[end] == 0x22 else { return nil }
        let plain = position..<end
        position = end + 1
        // Quicker than checking for UTF-8 what is ASCII.
        return String(unsafeUninitializedCapacity: plain.count) {
            $0.initialize(fromContentsOf: bytes[plain])
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard let byte = next else { throw error("the end", wanted: "an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
        default: throw error("\\ and byte \(byte)", wanted: "an escape")
        }
    }

    private mutating func scalar() throws -> Character {
        let high = try fourHexDigits()
        if let scalar = Unicode.Scalar(high) { return Character(scalar) }
        guard (0xD800..<0xDC00).contains(high), take("\\"), take("u") else {
            throw error("half a surrogate pair", wanted: "both halves")
        }
        let low = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half a surrogate pair", wanted: "both halves") }
        return Character(scalar)
    }

    private mutating func fourHexDigits() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else {
                throw error(here, wanted: "four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
