import FlyingFox
import Foundation
import Host
import Testing

@testable import Dashboard

@Suite struct AccessTests {
    private static let token = "0123456789abcdefghij"

    private func address(_ text: String) throws -> NetworkAddress {
        try #require(try NetworkAddress.named(text).first)
    }

    private func request(_ target: String = "/", _ headers: [String]) throws -> HTTPRequest {
        var bytes = Data("GET \(target) HTTP/1.1\r\n\(headers.joined(separator: "\r\n"))\r\n\r\n".utf8)
        return try #require(try RequestHead.take(from: &bytes))
    }

    private func status(_ access: Access, _ request: HTTPRequest) -> String {
        do throws(Reply) {
            try access.check(request)
            return "200"
        } catch {
            let head = String(decoding: error.head(isLast: true), as: UTF8.self)
            return String(head.split(separator: " ")[1])
        }
    }

    @Test(arguments: ["localhost", "localhost:1", "127.0.0.1:8765", "127.1.2.3", "[::1]:8765", "LOCALHOST"])
    func `on loopback a request for this machine is answered`(host: String) throws {
        let access = try Access(address: address("127.0.0.1"), port: 8765, token: nil)
        #expect(status(access, try request("/", ["Host: \(host)"])) == "200")
    }

    @Test(arguments: [
        "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "[::1", "localhost.evil",
    ])
    func `a foreign name that was made to point here is refused`(host: String) throws {
        let access = try Access(address: address("127.0.0.1"), port: 8765, token: nil)
        #expect(status(access, try request("/", ["Host: \(host)"])) == "403")
    }

    @Test func `an address that others reach needs a token that cannot be guessed`() throws {
        let open = try address("0.0.0.0")
        #expect(throws: DashboardError.self) { try Access(address: open, port: 1, token: nil) }
        #expect(throws: DashboardError.self) { try Access(address: open, port: 1, token: "short") }
        #expect(throws: DashboardError.self) {
            try Access(address: open, port: 1, token: "a token with spaces in it")
        }
        _ = try Access(address: open, port: 1, token: Self.token)
    }

    @Test func `the token is a header, a cookie, or a parameter that becomes the cookie`() throws {
        let access = try Access(address: address("0.0.0.0"), port: 8765, token: Self.token)
        let host = "Host: node7:8765"
        #expect(status(access, try request("/", [host])) == "401")
        #expect(status(access, try request("/?token=wrong", [host])) == "401")
        #expect(status(access, try request("/", [host, "Authorization: Bearer \(Self.token)x"])) == "401")
        #expect(status(access, try request("/", [host, "Authorization: Bearer \(Self.token)"])) == "200")
        #expect(status(access, try request("/", [host, "Cookie: a=b; ponder_8765=\(Self.token)"])) == "200")
        #expect(status(access, try request("/", [host, "Cookie: ponder_1=\(Self.token)"])) == "401")

        let redirect = #expect(throws: Reply.self) {
            try access.check(try request("/?token=\(Self.token)", [host]))
        }
        let head = String(decoding: redirect?.head(isLast: true) ?? Data(), as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 303 ") && head.contains("\r\nLocation: /\r\n"))
        #expect(head.contains("Set-Cookie: ponder_8765=\(Self.token); HttpOnly; SameSite=Strict; Path=/"))
    }
}
