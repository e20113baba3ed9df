extension JSONValue {
    /// Parses a text that holds exactly one JSON value.
    ///
    /// It is stricter than most parsers: it refuses repeated keys, invalid UTF-8, unpaired surrogates, and
    /// numbers that are infinite as a `Double`. Time and memory are proportional to the size of the text,
    /// which the caller limits.
    ///
    /// - Parameter depth: maximum nesting depth of arrays and objects.
    package init(parsing text: some Collection<UInt8>, depth: Int = 128) throws(JSONError) {
        func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONError> {
            var parser = JSONParser(bytes: bytes, depthLimit: depth)
            do { return .success(try parser.parse()) } catch { return .failure(error) }
        }
        let result =
            text.withContiguousStorageIfAvailable(parse) ?? Array(text).withUnsafeBufferPointer(parse)
        self = try result.get()
    }
}

/// A recursive parser for the bytes of a text.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let depthLimit: Int
    private var position = 0

    /// Maximum number of digits in one part of a number.
    private static let digitLimit = 400

    init(bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func parse() throws(JSONError) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else {
            throw error("\(bytes.count - position) bytes behind the value", wanted: "none")
        }
        return value
    }

    private func error(_ found: String, wanted: String) -> JSONError {
        JSONError(.syntax, path: "", found: found, wanted: wanted, offset: position)
    }

    private var here: String { next.map { "byte \($0)" } ?? "the end" }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= depthLimit else {
            throw error("nesting of \(depth)", wanted: "at most \(depthLimit)")
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

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let count = word.utf8CodeUnitCount
        let matches =
            bytes.count - position >= count
            && word.withUTF8Buffer { bytes[position..<position + count].elementsEqual($0) }
        guard matches else { throw error(here, wanted: "\(word)") }
        position += count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var members: [JSONValue.Member] = []
        var keys: Set<ExactText> = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            let key = try string()
            guard isNew(key, among: members, &keys) else {
                throw JSONError(
                    .repeatedKey, path: String(key.prefix(64)), found: "there twice", wanted: "one",
                    offset: position)
            }
            skipSpace()
            guard take(":") else { throw error(here, wanted: ":").inside(key) }
            skipSpace()
            do throws(JSONError) {
                members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
            } catch {
                throw error.inside(key)
            }
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error(here, wanted: ", or }") }
        }
    }

    /// Compares a new key with the others; uses a set only when there are many keys.
    private func isNew(_ key: String, among members: [JSONValue.Member], _ keys: inout Set<ExactText>) -> Bool
    {
        if members.count < 16 { return !members.contains { ExactText(text: $0.key) == ExactText(text: key) } }
        if keys.isEmpty { keys = Set(members.map { ExactText(text: $0.key) }) }
        return keys.insert(ExactText(text: key)).inserted
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(values) }
        while true {
            skipSpace()
            do throws(JSONError) {
                values.append(try value(depth: depth + 1))
            } catch {
                throw error.inside("[\(values.count)]")
            }
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw error(here, wanted: ", or ]") }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        _ = take("-")
        // No digit may follow a leading zero; the caller refuses any text after the number.
        if !take("0") {
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
        // Every number of at most eighteen digits fits in `Int`.
        if isWhole, position - start <= 18 {
            let isNegative = bytes[start] == UInt8(ascii: "-")
            let value = bytes[(isNegative ? start + 1 : start)..<position].reduce(0) {
                $0 * 10 + Int($1 & 15)
            }
            return .integer(isNegative ? -value : value)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let number = Int(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else {
            throw error(String(text.prefix(40)), wanted: "a number that Double can hold")
        }
        return .number(text)
    }

    /// Skips digits and returns whether there was at least one.
    private mutating func digits() throws(JSONError) -> Bool {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position - start <= Self.digitLimit else {
            throw error("\(position - start) digits", wanted: "at most \(Self.digitLimit)")
        }
        return position > start
    }

    private mutating func string() throws(JSONError) -> String {
        guard take("\"") else { throw error(here, wanted: "\"") }
        let start = position
        var isASCII = true
        while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 {
            if byte >= 0x80 { isASCII = false }
            position += 1
        }
        let plain = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard take("\"") else { return try escapedString(Array(plain)) }
        // Copying is faster than checking ASCII for valid UTF-8.
        if isASCII {
            return String(unsafeUninitializedCapacity: plain.count) { $0.initialize(fromContentsOf: plain) }
        }
        return try valid(plain)
    }

    /// Parses the rest of a string that contains an escape; `beginning` is the part before it.
    private mutating func escapedString(_ beginning: [UInt8]) throws(JSONError) -> String {
        var text = beginning
        while !take("\"") {
            guard take("\\") else { throw error(here, wanted: "the end of the string") }
            try escape(into: &text)
            let start = position
            while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 { position += 1 }
            text.append(contentsOf: bytes[start..<position])
        }
        return try valid(text)
    }

    private func valid(_ text: some Collection<UInt8>) throws(JSONError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else {
            throw error("a string that is not UTF-8", wanted: "UTF-8")
        }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        guard let byte = next else { throw error("the end", wanted: "an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try scalar())).utf8)
        default: throw error("\\ and byte \(byte)", wanted: "an escape")
        }
    }

    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let high = try fourHexDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard (0xD800..<0xDC00).contains(high), take("\\"), take("u") else {
            throw error("half a surrogate pair", wanted: "both halves")
        }
        let low = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { throw error("half a surrogate pair", wanted: "both halves") }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw error(here, wanted: "four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

/// A text that is compared by its bytes; `String` compares canonical equivalence, which is slower.
private struct ExactText: Hashable {
    let text: String

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
