import Foundation

/// Where a dashboard listens: `HOST:PORT`, such as `127.0.0.1:8765` or `[::1]:0`; port 0 asks the system for a free one.
package struct DashboardAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, without the brackets of IPv6.
    package let host: String
    package let port: UInt16

    package var description: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// - Throws: `DashboardError`.
    package init(_ text: String) throws(DashboardError) {
        let flaw = DashboardError(
            "'\(text)' is no HOST:PORT, such as 127.0.0.1:8765; write an IPv6 address in brackets: [::1]:8765"
        )
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw flaw
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw flaw
        }
        guard !host.isEmpty else { throw flaw }
        self.host = String(host)
        self.port = port
    }
}

/// Why a dashboard cannot be served, as one sentence with the remedy.
package struct DashboardError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
