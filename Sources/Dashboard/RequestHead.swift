import FlyingFox
import Foundation

/// Reads the head of an HTTP request; the dashboard answers only GET, without a body.
///
/// FlyingFox's own decoder takes a head of any size.
enum RequestHead {
    /// The largest head, in bytes.
    static let limit = 8192

    private static let end = Data("\r\n\r\n".utf8)

    /// Takes the first whole head from the bytes of a connection; nil when more must be read.
    ///
    /// - Throws: the reply to a request that is refused; the connection is to be closed after it.
    static func take(from bytes: inout Data) throws(Reply) -> HTTPRequest? {
        guard let found = bytes.range(of: end) else {
            guard bytes.count < limit else {
                throw Reply(.requestHeaderFieldsTooLarge, "a request may have \(limit) bytes")
            }
            return nil
        }
        guard found.upperBound - bytes.startIndex <= limit else {
            throw Reply(.requestHeaderFieldsTooLarge, "a request may have \(limit) bytes")
        }
        let head = Data(bytes[bytes.startIndex..<found.lowerBound])
        bytes = Data(bytes[found.upperBound...])
        guard let text = String(data: head, encoding: .utf8) else {
            throw Reply(.badRequest, "the request is not UTF-8")
        }
        return try request(text)
    }

    private static func request(_ text: String) throws(Reply) -> HTTPRequest {
        var lines = text.components(separatedBy: "\r\n")
        let first = lines.removeFirst().split(separator: " ", omittingEmptySubsequences: false)
        guard first.count == 3, first[1].hasPrefix("/") else {
            throw Reply(.badRequest, "the first line must be GET /PATH HTTP/1.1")
        }
        guard first[2] == "HTTP/1.1" || first[2] == "HTTP/1.0" else {
            throw Reply(.httpVersionNotSupported, "the version must be HTTP/1.1")
        }
        guard first[0] == "GET" else {
            throw Reply(.methodNotAllowed, "the dashboard only reads: use GET", ["Allow": "GET"])
        }
        var headers = HTTPHeaders()
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                !line[..<colon].contains(where: \.isWhitespace)
            else { throw Reply(.badRequest, "a header must be NAME: VALUE") }
            let name = HTTPHeader(String(line[..<colon]))
            guard name != .host || headers[.host] == nil else {
                throw Reply(.badRequest, "a request has one Host header")
            }
            headers.addValue(
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces), for: name)
        }
        guard headers[.transferEncoding] == nil, ["0", nil].contains(headers[.contentLength]) else {
            throw Reply(.payloadTooLarge, "a request must not have a body")
        }
        let parts = first[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return HTTPRequest(
            method: .GET, version: HTTPVersion(String(first[2])),
            target: HTTPRequest.Target(
                path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : ""),
            headers: headers, body: HTTPBodySequence())
    }
}

extension HTTPRequest {
    /// The value of a parameter; nil when it is missing or empty.
    func value(_ name: String) -> String? {
        query.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    /// Whether the connection stays open for further requests.
    var isKept: Bool {
        version == .http11 && headers[.connection]?.lowercased().contains("close") != true
    }
}
