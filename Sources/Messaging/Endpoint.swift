/// An address that a socket binds or connects to.
///
///     try Endpoint("tcp://127.0.0.1:5555").weightsNeighbour   // tcp://127.0.0.1:5556
package enum Endpoint: Sendable, Hashable {
    /// `port` is nil for a port that the system chooses, written `*`.
    case tcp(host: String, port: UInt16?)
    case ipc(path: String)

    /// Reads `tcp://HOST:PORT` or `ipc://PATH`.
    ///
    /// - Throws: `EndpointError`.
    package init(_ text: String) throws {
        if let rest = text.droppingPrefix("tcp://") {
            guard let colon = rest.lastIndex(of: ":") else {
                throw EndpointError.malformed(text, reason: "the port is missing")
            }
            let host = rest[..<colon]
            let digits = rest[rest.index(after: colon)...]
            guard Self.isHost(host) else {
                throw EndpointError.malformed(text, reason: "\"\(host)\" is not a host")
            }
            if digits == "*" {
                self = .tcp(host: String(host), port: nil)
            } else if let port = UInt16(digits), port > 0, digits.allSatisfy(\.isWholeNumber) {
                self = .tcp(host: String(host), port: port)
            } else {
                throw EndpointError.malformed(text, reason: "\"\(digits)\" is not a port from 1 to 65535")
            }
        } else if let path = text.droppingPrefix("ipc://") {
            // The address of a Unix socket holds 108 bytes with the final zero.
            guard !path.isEmpty, path.utf8.count <= 107, !path.utf8.contains(0) else {
                throw EndpointError.malformed(text, reason: "the path of an ipc endpoint has 1 to 107 bytes")
            }
            self = .ipc(path: String(path))
        } else {
            throw EndpointError.malformed(text, reason: "it begins with neither tcp:// nor ipc://")
        }
    }

    /// The form that libzmq reads.
    package var text: String {
        switch self {
        case .tcp(let host, let port): "tcp://\(host):\(port.map { String($0) } ?? "*")"
        case .ipc(let path): "ipc://\(path)"
        }
    }

    /// Whether only processes on this machine can reach it.
    package var isLocal: Bool {
        guard case .tcp(let host, _) = self else { return true }
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }

    /// The default weights endpoint of a control endpoint: the next port, or the path with `-weights` behind it.
    ///
    /// - Throws: `EndpointError` when the port is 65535.
    package var weightsNeighbour: Endpoint {
        get throws {
            switch self {
            case .tcp(let host, nil): return .tcp(host: host, port: nil)
            case .tcp(let host, let port?):
                guard port < .max else { throw EndpointError.noNextPort(text) }
                return .tcp(host: host, port: port + 1)
            case .ipc(let path): return try Endpoint("ipc://\(path)-weights")
            }
        }
    }

    private static func isHost(_ host: Substring) -> Bool {
        guard !host.isEmpty, host.utf8.count <= 255 else { return false }
        if host.hasPrefix("[") {
            return host.hasSuffix("]")
                && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        }
        return host == "*"
            || host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" }
    }
}

extension Endpoint: CustomStringConvertible {
    package var description: String { text }
}

extension StringProtocol {
    fileprivate func droppingPrefix(_ prefix: String) -> SubSequence? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
