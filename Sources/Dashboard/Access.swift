import Crypto
import FlyingFox
import Foundation
import Host

/// Who may read: on loopback every program of this machine; elsewhere who knows the token.
struct Access: Sendable {
    private let token: String?
    private let isLoopback: Bool
    /// Browsers send a cookie to every port of a host, so its name tells dashboards apart.
    private let cookie: String

    /// The fewest bytes of a token.
    static let length = 16

    /// - Throws: `DashboardError` when others reach the listener and there is no token, and for a token that can be guessed.
    init(_ listener: Listener, token: String?) throws(DashboardError) {
        try self.init(address: listener.address, port: listener.port, token: token)
    }

    init(address: NetworkAddress, port: UInt16, token: String?) throws(DashboardError) {
        guard token != nil || address.isLoopback else {
            throw DashboardError("\(address) can be reached by others, so the dashboard needs a token there")
        }
        if let token {
            // Such a token can stand in an address and in a cookie as it is.
            guard token.utf8.count >= Self.length,
                token.unicodeScalars.allSatisfy({
                    $0.isASCII && ($0.properties.isAlphabetic || "0123456789-._~".unicodeScalars.contains($0))
                })
            else {
                throw DashboardError(
                    "a dashboard's token must have at least \(Self.length) characters, each a letter from a to z, a "
                        + "digit or one of - . _ ~")
            }
        }
        self.token = token
        isLoopback = address.isLoopback
        cookie = "ponder_\(port)"
    }

    /// Refuses a request that may not read.
    ///
    /// A token in the address of the page becomes a cookie, so that it leaves the address bar.
    ///
    /// - Throws: the refusal, or the page's address without the token.
    func check(_ request: HTTPRequest) throws(Reply) {
        let host = request.headers[.host] ?? ""
        // A page of a foreign site whose name was made to point here asks for that site's name.
        guard !isLoopback || Self.isLoopback(host: host) else {
            throw Reply(.forbidden, "'\(host)' is not this machine; open http://localhost with the port")
        }
        guard let token else { return }
        if let given = request.value("token"), Self.isEqual(given, token) {
            throw Reply(
                .seeOther, type: "text/plain", Data(),
                [
                    "Location": request.path.isEmpty ? "/" : request.path,
                    "Set-Cookie": "\(cookie)=\(token); HttpOnly; SameSite=Strict; Path=/",
                ])
        }
        let bearer = request.headers[.authorization].flatMap { value in
            value.hasPrefix("Bearer ") ? String(value.dropFirst(7)) : nil
        }
        let kept = request.headers.values(for: .cookie).flatMap { $0.split(separator: ";") }.map {
            $0.trimmingCharacters(in: .whitespaces)
        }.first { $0.hasPrefix(cookie + "=") }.map { String($0.dropFirst(cookie.count + 1)) }
        guard [bearer, kept].compactMap({ $0 }).contains(where: { Self.isEqual($0, token) }) else {
            throw Reply(
                .unauthorized,
                "give the token that the dashboard's start printed: /?token=…, or Authorization: Bearer …",
                ["WWW-Authenticate": "Bearer"])
        }
    }

    /// Compares digests, so that the time does not tell how many letters are right.
    private static func isEqual(_ given: String, _ token: String) -> Bool {
        SHA256.hash(data: Data(given.utf8)) == SHA256.hash(data: Data(token.utf8))
    }

    /// Whether a Host header names this machine: `localhost:8765`, `127.0.0.1`, `[::1]:8765`.
    static func isLoopback(host: String) -> Bool {
        var name = Substring(host.lowercased())
        if name.hasPrefix("[") {
            guard let end = name.firstIndex(of: "]") else { return false }
            name = name[name.index(after: name.startIndex)..<end]
        } else if let colon = name.firstIndex(of: ":") {
            name = name[..<colon]
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return name == "localhost" || name == "::1"
            || parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
