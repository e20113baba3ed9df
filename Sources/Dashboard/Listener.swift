import FlyingSocks
import Foundation
package import Host

/// A TCP port that is bound and listens, which a process can hand to a child.
package struct Listener: Sendable {
    package let descriptor: Int32
    package let address: NetworkAddress
    package let port: UInt16

    /// The start of the page's address: `http://127.0.0.1:8765`.
    ///
    /// An address that stands for all of this machine is replaced by one by which others may reach it.
    package var url: String {
        let isAll = address.text == "0.0.0.0" || address.text == "::"
        let shown = isAll ? NetworkAddress.reachable.first ?? address : address
        return "http://\(shown.isIPv6 ? "[\(shown)]" : "\(shown)"):\(port)"
    }

    /// Binds the first address of a host.
    ///
    /// - Throws: `DashboardError` when the host is unknown or the port cannot be bound.
    package init(binding place: DashboardAddress) throws(DashboardError) {
        var outcome: Result<Listener, DashboardError>?
        do throws(UnknownHost) {
            try NetworkAddress.withAddresses(of: place.host, port: place.port) { entry in
                if case .success? = outcome { return }
                outcome = Result { () throws(DashboardError) in try Listener(entry, place) }
            }
        } catch {
            throw DashboardError(
                "no address of \(place.host) is known (\(error.reason)); give --bind an address of this machine"
            )
        }
        guard let outcome else { throw DashboardError("\(place.host) has no address") }
        self = try outcome.get()
    }

    private init(_ entry: addrinfo, _ place: DashboardAddress) throws(DashboardError) {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(entry.ai_family, kind, 0)
        guard descriptor >= 0 else { throw Self.failure(place, errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0, listen(descriptor, 64) == 0 else {
            let code = errno
            Foundation.close(descriptor)
            throw Self.failure(place, code)
        }
        try self.init(listening: descriptor)
    }

    /// Takes over a socket that listens already.
    ///
    /// - Throws: `DashboardError` when the descriptor is no such socket.
    package init(listening descriptor: Int32) throws(DashboardError) {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let isListening =
            getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let own = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw -> (NetworkAddress, UInt16)? in
                guard isListening, getsockname(descriptor, raw, &length) == 0,
                    let address = NetworkAddress(raw)
                else { return nil }
                // The port lies at the same place in the addresses of IPv4 and of IPv6.
                let port = UnsafeRawPointer(raw).load(fromByteOffset: 2, as: UInt16.self).bigEndian
                return (address, port)
            }
        }
        guard let own else {
            throw DashboardError("descriptor \(descriptor) is no socket that listens; give --bind HOST:PORT")
        }
        self.descriptor = descriptor
        (address, port) = own
    }

    package func close() { Foundation.close(descriptor) }

    private static func failure(_ place: DashboardAddress, _ code: Int32) -> DashboardError {
        let reason = String(cString: strerror(code))
        switch code {
        case EADDRINUSE:
            return DashboardError(
                "the dashboard cannot use \(place): another program listens there; give another port, or port 0 "
                    + "for a free one")
        case EADDRNOTAVAIL:
            return DashboardError(
                "the dashboard cannot use \(place): this machine does not have that address")
        case EACCES:
            return DashboardError("the dashboard cannot use \(place): \(reason); give a port from 1024")
        default: return DashboardError("the dashboard cannot use \(place): \(reason)")
        }
    }
}
