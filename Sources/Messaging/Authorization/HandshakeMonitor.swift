import Glibc
import ZeroMQ

/// Logs the address of every peer whose handshake with a bound socket fails.
///
/// libzmq reports a failure without its connection, and then the end of the connection by its file descriptor. So the
/// address is looked up when the connection is accepted.
final class HandshakeMonitor {
    private let monitor: Monitor
    private let log: RejectedPeerLog
    private var addresses: [UInt32: String] = [:]
    private var failure: HandshakeFailure?

    init(_ socket: Socket, log: RejectedPeerLog) throws(ZeroMQError) {
        monitor = try Monitor(socket)
        self.log = log
    }

    func prepare(_ poller: Poller) { poller.add(monitor.socket, .readable) }

    /// Reads the events that wait, 1024 at most.
    func readEvents() throws(ZeroMQError) {
        for _ in 0..<1024 {
            guard let event = try monitor.next() else { return }
            switch event.kind {
            case .accepted:
                addresses[event.value] = PeerAddress.text(of: Int32(bitPattern: event.value))
            case .handshakeFailed(let failure):
                self.failure = failure
            case .disconnected:
                let address = addresses.removeValue(forKey: event.value)
                if let reason = failure?.reasonOfServer {
                    log.note(address ?? "an unknown address", "failed the handshake: \(reason)")
                }
                failure = nil
            default:
                continue
            }
        }
    }
}

extension HandshakeFailure {
    /// The reason as the bound side sees it, nil for a refused key, which the authenticator has logged.
    fileprivate var reasonOfServer: String? {
        switch self {
        case .refused: nil
        case .noDetail: "it hung up, sent nothing in time, or does not speak ZeroMQ"
        case .protocol: description
        }
    }
}

/// The address of the other end of a connection.
enum PeerAddress {
    /// `10.0.0.7` or `fe80::1`, nil when the descriptor is not an open TCP connection.
    static func text(of descriptor: Int32) -> String? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getpeername(descriptor, address, &length) == 0,
                    [sa_family_t(AF_INET), sa_family_t(AF_INET6)].contains(address.pointee.sa_family)
                else { return nil }
                var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                guard
                    getnameinfo(
                        address, length, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
                else { return nil }
                return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
    }
}
