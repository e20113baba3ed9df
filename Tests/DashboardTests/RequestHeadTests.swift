import FlyingFox
import Foundation
import Reasoning
import RunStore
import Testing

@testable import Dashboard

@Suite struct RequestHeadTests {
    /// The first line of the reply to a request that is refused; nil for one that is read.
    private func refusal(_ text: String) -> String? {
        var bytes = Data(text.utf8)
        do throws(Reply) {
            _ = try RequestHead.take(from: &bytes)
            return nil
        } catch {
            return String(decoding: error.head(isLast: true).prefix { $0 != 13 }, as: UTF8.self)
        }
    }

    @Test func `requests are read one after the other, however their bytes come`() throws {
        var bytes = Data("GET /a?x=1%202&y= HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.0\r\n".utf8)
        let first = try #require(try RequestHead.take(from: &bytes))
        #expect(first.path == "/a" && first.value("x") == "1 2" && first.value("y") == nil && first.isKept)
        #expect(try RequestHead.take(from: &bytes) == nil)
        bytes += Data("\r\n".utf8)
        let second = try #require(try RequestHead.take(from: &bytes))
        #expect(second.path == "/b" && !second.isKept && bytes.isEmpty)
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\n\r\n", "405"), ("HEAD / HTTP/1.1\r\n\r\n", "405"),
        ("GET / HTTP/2\r\n\r\n", "505"), ("GET http://x/ HTTP/1.1\r\n\r\n", "400"), ("GET\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nno header\r\n\r\n", "400"), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "413"),
        ("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "413"),
        ("GET /" + String(repeating: "a", count: 9000), "431"),
        ("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 9000) + "\r\n\r\n", "431"),
    ])
    func `what is no plain small GET is refused`(text: String, code: String) {
        #expect(refusal(text)?.split(separator: " ")[1] == Substring(code))
    }

    private func filter(_ query: String) throws -> TraceFilter {
        var bytes = Data("GET /t?\(query) HTTP/1.1\r\n\r\n".utf8)
        return try TraceFilter(#require(try RequestHead.take(from: &bytes)))
    }

    @Test func `the parameters of a search become a filter`() throws {
        let found = try filter("from=3&to=5&verdict=wrong&order=longest&text=a%26b&min_tokens=2&limit=1000")
        #expect(found.versions == 2...4 && found.verdict == .wrong && found.order == .longest)
        #expect(found.containing == "a&b" && found.tokens == 2...Int.max && found.limit == 50)
        #expect(try filter("purpose=all").purpose == nil)
        #expect(try filter("purpose=evaluation&from=3").versions?.lowerBound == 3)
        #expect(try filter("from=0").versions?.lowerBound == -1)
    }

    @Test(arguments: [
        "from=x", "from=5&to=3", "verdict=maybe", "order=random", "purpose=x", "min_reward=nan", "next=1,2",
        "limit=1e9", "from=99999999999999999999",
    ])
    func `a search that cannot be understood is refused`(query: String) {
        #expect(throws: Reply.self) { try filter(query) }
    }
}
