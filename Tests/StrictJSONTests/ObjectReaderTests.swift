import StrictJSON
import Testing

/// Objects read member by member.
struct ObjectReaderTests {
    private enum Kind: String, CaseIterable { case all, any }

    private func read<Value>(_ json: String, _ body: (inout ObjectReader) throws -> Value) throws -> Value {
        try JSONField(parsing: json.utf8, path: "file").object(body)
    }

    private func message(_ json: String, _ body: (inout ObjectReader) throws -> Void) -> String {
        do { try read(json, body) } catch { return "\(error)" }
        return "accepted"
    }

    @Test func `members are converted`() throws {
        let json =
            #"{"s":"x","i":7,"u":18446744073709551615,"d":0.5,"b":true,"k":"any","l":[1,2],"n":null,"o":{"p":1}}"#
        try read(json) { (object: inout ObjectReader) throws -> Void in
            #expect(try object.required("s").string() == "x")
            #expect(try object.required("i").integer(in: 0...7) == 7)
            #expect(try object.required("u").unsigned() == .max)
            #expect(try object.required("d").double() == 0.5)
            #expect(try object.required("b").bool())
            #expect(try object.required("k").choice(Kind.self) == .any)
            #expect(try object.required("l").elements().map { try $0.integer() } == [1, 2])
            #expect(object.optional("n") == nil && object.optional("absent") == nil)
            #expect(try object.required("o").object { try $0.required("p").double() } == 1)
        }
    }

    @Test func `errors name the member, what it is and what is wanted`() {
        #expect(message("{}") { _ = try $0.required("a") } == "file.a is missing")
        #expect(message(#"{"a":1}"#) { _ in } == "file.a is not a key that is known here")
        #expect(message(#"{"a":"x"}"#) { _ = try $0.required("a").integer() } == #"file.a is "x", wanted a whole number"#)
        #expect(
            message(#"{"a":9}"#) { _ = try $0.required("a").integer(in: 1...8) }
                == "file.a is 9, wanted a whole number from 1 to 8")
        #expect(message(#"{"a":"abc"}"#) { _ = try $0.required("a").string(atMost: 2) } == "file.a is 3 bytes, wanted at most 2")
        #expect(message(#"{"a":"x"}"#) { _ = try $0.required("a").choice(Kind.self) } == #"file.a is "x", wanted one of all, any"#)
        #expect(
            message(#"{"a":[{"b":1},{"b":"1"}]}"#) { object in
                for element in try object.required("a").elements() {
                    try element.object { _ = try $0.required("b").integer() }
                }
            } == #"file.a[1].b is "1", wanted a whole number"#)
        #expect(message("[]") { _ in } == "file is an array of 0, wanted an object")
    }

    @Test func `a member is read once, and what is left is the first by name`() throws {
        var object = try ObjectReader(JSONField(parsing: #"{"c":null,"b":1,"a":2}"#.utf8))
        _ = try object.required("a")
        #expect(throws: JSONError.self) { try object.required("a") }
        #expect(object.firstUnread()?.path == "b")
        object.ignore(["b"])
        #expect(object.firstUnread(allowingNull: true) == nil && object.firstUnread()?.path == "c")
    }
}
