import StrictJSON
import Testing

/// JSON texts read and written.
struct ParserTests {
    private func error(_ text: String, depth: Int = 128) throws -> JSONError {
        try #require(throws: JSONError.self, "\(text)") {
            _ = try JSONValue(parsing: text.utf8, depth: depth)
        }
    }

    @Test func `every kind of value is read, with all digits of numbers`() throws {
        let text = #" {"a":[null,true,false,-7,0,1.50,-2e+3,18446744073709551615],"b":{"c":"d"}} "#
        #expect(
            try JSONValue(parsing: text.utf8) == [
                "a": [
                    .null, .bool(true), .bool(false), .integer(-7), .integer(0), .number("1.50"),
                    .number("-2e+3"), .unsigned(.max),
                ], "b": ["c": "d"],
            ])
        #expect(try JSONValue(parsing: "-9223372036854775808".utf8) == .integer(.min))
    }

    @Test(arguments: [
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\ud83d\ude00x""#, "é😀x"),
        (#""가\u0041""#, "가A"),
        (#""""#, ""), (#""생각""#, "생각"),
    ])
    func `strings are read with their escapes`(text: String, expected: String) throws {
        #expect(try JSONValue(parsing: text.utf8) == .string(expected))
    }

    @Test(arguments: [
        "", "{", "[1,]", #"{"a":1,}"#, "{a:1}", "nul", "01", "1.", ".5", "1e", "+1", "NaN", "1 2", "[1}",
        #""a"#, #""\x""#,
        #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, #""\u12g4""#, "\"a\nb\"", "1e400", "'a'", #"{"a" 1}"#,
        "\u{FEFF}1",
    ])
    func `what is not JSON is refused with its byte`(text: String) throws {
        let found = try error(text)
        #expect(found.code == .syntax && found.offset != nil && "\(found)".contains("byte "), "\(found)")
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes in [[0x22, 0xC3, 0x22], [0x22, 0xFF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] as [[UInt8]] {
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        }
    }

    @Test(arguments: [
        (#"{"a":1,"b":2,"a":3}"#, "a"), (#"{"x":[{"k":1,"\u006b":2}]}"#, "x[0].k"),
        ("{" + (0..<40).map { "\"k\($0 % 39)\":\($0)" }.joined(separator: ",") + "}", "k0"),
    ])
    func `a repeated key is refused with its path`(text: String, path: String) throws {
        let found = try error(text)
        #expect(found.code == .repeatedKey && found.path == path && "\(found)".contains("twice"))
    }

    @Test func `keys that look alike and have other bytes are two keys`() throws {
        let text = #"{"\u00e9":1,"e\u0301":2}"#
        guard case .object(let members) = try JSONValue(parsing: text.utf8) else {
            return #expect(Bool(false))
        }
        #expect(members.count == 2)
    }

    @Test func `an error inside names the way to it`() throws {
        #expect(try error(#"{"layers":[{"n":1},{"n":tru}]}"#).path == "layers[1].n")
    }

    @Test func `nesting is read up to the depth`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONValue(parsing: nested(9).utf8, depth: 8)
        #expect(try error(nested(10), depth: 8).code == .syntax)
        #expect(try error(String(repeating: "[", count: 1_000_000)).code == .syntax)
    }

    @Test func `what is written is read again, in each style`() throws {
        let value: JSONValue = [
            "b": ["\u{85}\u{2028}\u{FEFF}\u{7F}\"\\\n\u{1}é가", .double(8), .double(.nan), .integer(-1)],
            "a": [:], "c": [],
        ]
        for style in [JSONValue.Style.compact, .sorted, .indented] {
            let text = value.text(style)
            #expect(
                !text.unicodeScalars.contains { ["\u{85}", "\u{2028}", "\u{FEFF}", "\u{7F}"].contains($0) })
            #expect(try JSONValue(parsing: text.utf8).text(.sorted) == value.text(.sorted))
        }
        #expect(
            value.text(.sorted).hasPrefix(
                #"{"a":{},"b":["\u0085\u2028\ufeff\u007f\"\\\n\u0001é가",8.0,null,-1]"#))
        #expect(
            (["b": [.integer(1), .integer(2)], "a": ["x": "y"]] as JSONValue).text(.indented)
                == "{\n  \"a\": {\n    \"x\": \"y\"\n  },\n  \"b\": [1, 2]\n}")
    }
}
