import Primitives
import Testing

/// Lines cut from a stream.
struct LineBufferTests {
    private func lines(_ buffer: inout LineBuffer) throws -> [String] {
        var lines: [String] = []
        while let line = try buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test(arguments: [1, 2, 3, 7, 100]) func `a stream gives the same lines however it is cut`(size: Int) throws {
        let text = Array("one\n\ntwo\nthree\nrest".utf8)
        var buffer = LineBuffer(limit: 5)
        var found: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            buffer.append(text[start..<min(start + size, text.count)])
            found += try lines(&buffer)
        }
        #expect(found == ["one", "", "two", "three"])
        #expect(String(decoding: buffer.takeRest(), as: UTF8.self) == "rest")
        #expect(buffer.takeRest().isEmpty)
    }

    @Test(arguments: ["123456", "123456\n"]) func `a line over the limit is refused, and can be taken out`(text: String) throws {
        var buffer = LineBuffer(limit: 5)
        buffer.append(Array(text.utf8))
        #expect(throws: LineBuffer.TooLong.self) { try buffer.next() }
        #expect(buffer.takeRest() == Array(text.utf8))
        buffer.append(Array("12345\n".utf8))
        let holdsLine = buffer.holdsLine
        #expect(holdsLine)
        #expect(try lines(&buffer) == ["12345"])
    }
}
