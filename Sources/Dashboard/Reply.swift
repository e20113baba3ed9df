import FlyingFox
import Foundation

/// An answer to a request; a refusal is thrown.
struct Reply: Error, Sendable {
    /// Messages that follow the head, for as long as the client stays; nil for an answer that is whole.
    var messages: AsyncStream<Data>?
    private let status: HTTPStatusCode
    private let headers: [String: String]
    /// What follows the head; all clients of a file or a view share it.
    let body: Data

    init(_ status: HTTPStatusCode = .ok, type: String, _ body: Data, _ headers: [String: String] = [:]) {
        self.status = status
        self.body = body
        self.headers = headers.merging(["Content-Type": type]) { $1 }
    }

    /// A sentence, as JSON: `{"error": "…"}`.
    init(_ status: HTTPStatusCode, _ message: String, _ headers: [String: String] = [:]) {
        let body = (try? JSONEncoder().encode(["error": message])) ?? Data()
        self.init(status, type: "application/json", body, headers)
    }

    static func json(_ body: Data) -> Reply { Reply(type: "application/json", body) }

    /// Server-sent events.
    static func events(_ messages: AsyncStream<Data>) -> Reply {
        var reply = Reply(type: "text/event-stream", Data())
        reply.messages = messages
        return reply
    }

    static let nothing = Reply(.noContent, type: "text/plain", Data())

    /// What every answer says: a page may load and ask this server only, and nothing may be kept or guessed.
    ///
    /// A trace is text that a model wrote; if it ever got into the page as markup, nothing in it could run or be loaded.
    private static let rules = [
        "Content-Security-Policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
        "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    ]

    /// The bytes before the body.
    ///
    /// - Parameter isLast: whether the connection is closed afterwards.
    func head(isLast: Bool) -> Data {
        var all = Self.rules.merging(headers) { $1 }
        all["Connection"] = isLast ? "close" : "keep-alive"
        if messages == nil { all["Content-Length"] = "\(body.count)" }
        let lines = all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        return Data("HTTP/1.1 \(status.code) \(status.phrase)\r\n\(lines)\r\n".utf8)
    }
}
