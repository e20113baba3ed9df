import Torch

/// Reads exactly the JSON that a safetensors header may hold, over bytes, without recursion.
struct SafetensorsHeaderParser {
    struct Failure: Error {
        let offset: Int
        let message: String
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var entries: [SafetensorsEntry] = []
    private(set) var metadata: [String: String] = [:]
    private var at = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func parse() throws(Failure) {
        guard bytes.first == UInt8(ascii: "{") else { throw failure("it does not start with {") }
        var names: Set<String> = []
        try object { (parser, name) throws(Failure) in
            guard names.insert(name).inserted else { throw parser.failure("\(name) occurs twice") }
            if name == "__metadata__" {
                try parser.object { (parser, key) throws(Failure) in
                    let value = try parser.string()
                    guard parser.metadata.updateValue(value, forKey: key) == nil else {
                        throw parser.failure("metadata \(key) occurs twice")
                    }
                }
            } else {
                let entry = try parser.tensor(name)
                guard parser.entries.count < SafetensorsHeader.maximumTensors else {
                    throw parser.failure("more than \(SafetensorsHeader.maximumTensors) tensors")
                }
                parser.entries.append(entry)
            }
        }
        skipSpace()
        guard at == bytes.count else { throw failure("text after the header's end") }
    }

    private mutating func tensor(_ name: String) throws(Failure) -> SafetensorsEntry {
        guard name.utf8.count <= SafetensorsHeader.maximumName else {
            throw failure("a tensor's name is too long")
        }
        var dtype: DType?
        var shape: [Int]?
        var offsets: [Int]?
        try object { (parser, key) throws(Failure) in
            switch key {
            case "dtype" where dtype == nil:
                let text = try parser.string()
                guard let known = DType.allCases.first(where: { $0.safetensorsName == text }) else {
                    throw parser.failure("tensor \(name) has dtype \(text), which Ponder does not read")
                }
                dtype = known
            case "shape" where shape == nil: shape = try parser.numbers(atMost: SafetensorsHeader.maximumRank)
            case "data_offsets" where offsets == nil: offsets = try parser.numbers(atMost: 2)
            default: throw parser.failure("tensor \(name) has the key \(key) twice, or an unknown one")
            }
        }
        guard let dtype, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw failure("tensor \(name) lacks dtype, shape or a pair of ascending data_offsets")
        }
        return SafetensorsEntry(name: name, dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
    }

    private mutating func object(
        _ member: (inout SafetensorsHeaderParser, String) throws(Failure) -> Void
    ) throws(Failure) {
        try expect("{")
        skipSpace()
        if take("}") { return }
        repeat {
            skipSpace()
            let key = try string()
            try expect(":")
            skipSpace()
            try member(&self, key)
            skipSpace()
        } while take(",")
        try expect("}")
    }

    private mutating func numbers(atMost limit: Int) throws(Failure) -> [Int] {
        try expect("[")
        skipSpace()
        var numbers: [Int] = []
        if take("]") { return numbers }
        repeat {
            skipSpace()
            guard numbers.count < limit else { throw failure("more than \(limit) numbers") }
            numbers.append(try number())
            skipSpace()
        } while take(",")
        try expect("]")
        return numbers
    }

    private mutating func number() throws(Failure) -> Int {
        let start = at
        var value = 0
        while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) {
            let (tenfold, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, low) = tenfold.addingReportingOverflow(Int(bytes[at] - UInt8(ascii: "0")))
            guard !high, !low else { throw failure("a number overflows") }
            value = sum
            at += 1
        }
        guard at > start else { throw failure("expected a whole number that is not negative") }
        return value
    }

    private mutating func string() throws(Failure) -> String {
        skipSpace()
        guard take("\"") else { throw failure("expected a string") }
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let decoded = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is no UTF-8")
                }
                return decoded
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<32: throw failure("a control character in a string")
            default: text.append(byte)
            }
        }
        throw failure("a string does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(Failure) {
        guard at < bytes.count else { throw failure("a string does not end") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "u"):
            guard at + 4 <= bytes.count, let hex = String(validating: bytes[at..<at + 4], as: UTF8.self),
                let code = UInt32(hex, radix: 16), let scalar = Unicode.Scalar(code)
            else { throw failure("an escape that is no character") }
            at += 4
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw failure("an unknown escape")
        }
    }

    private mutating func expect(_ character: Character) throws(Failure) {
        skipSpace()
        guard take(character) else { throw failure("expected \(character)") }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard at < bytes.count, bytes[at] == character.asciiValue else { return false }
        at += 1
        return true
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
    }

    private func failure(_ message: String) -> Failure { Failure(offset: at, message: message) }
}
