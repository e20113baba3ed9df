import Foundation
import Primitives

/// What one connection to a port, made and closed at once, shows.
package enum PortProbe: Sendable, Hashable {
    case unknownHost(UnknownHost)
    /// No program listens there.
    case refused
    /// No answer within the patience.
    case silent
    /// The system knows no way there, or may not use it, in its own words.
    case unreachable(String)
    /// A program listens; the first bytes that it sends by itself, none when it waits for ours.
    case listening([UInt8])

    /// Dials each address of a host until one answers; asks name servers first, which may take many seconds.
    ///
    /// - Parameter patience: for each address, and again for its first bytes.
    package static func tcp(host: String, port: UInt16, patience: Duration) -> PortProbe {
        var finding = PortProbe.silent
        do throws(UnknownHost) {
            try NetworkAddress.withAddresses(of: host, port: port) { entry in
                if case .listening = finding { return }
                finding = dial(entry.ai_family, entry.ai_addr, entry.ai_addrlen, patience)
            }
        } catch {
            return .unknownHost(error)
        }
        return finding
    }

    /// Dials the socket at a path.
    package static func unix(path: String, patience: Duration) -> PortProbe {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return .unreachable("the path is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                dial(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size), patience)
            }
        }
    }

    private static func dial(
        _ family: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t, _ patience: Duration
    ) -> PortProbe {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { return .unreachable(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var code = connect(descriptor, address, length) == 0 ? 0 : errno
        if code == EINPROGRESS {
            guard isReady(descriptor, POLLOUT, patience) else { return .silent }
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        }
        switch code {
        // EAGAIN is a listener with a full backlog.
        case 0, EAGAIN: break
        case ECONNREFUSED: return .refused
        case ETIMEDOUT: return .silent
        default: return .unreachable(String(cString: strerror(code)))
        }
        guard isReady(descriptor, POLLIN, patience) else { return .listening([]) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return .listening(Array(bytes.prefix(max(0, count))))
    }

    private static func isReady(_ descriptor: Int32, _ events: Int32, _ patience: Duration) -> Bool {
        var entries = [pollfd(fd: descriptor, events: Int16(events), revents: 0)]
        return (try? poll(&entries, until: .now + patience)) ?? false
    }
}
