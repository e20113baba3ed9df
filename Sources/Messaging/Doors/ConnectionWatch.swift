import Glibc
import ZeroMQ

/// Sees, on a bound socket, whose handshakes fail, and names them by address.
///
/// libzmq tells of a failure without saying whose, and then of the connection's end with its descriptor; the address was
/// asked for when the connection was accepted.
final class ConnectionWatch {
    private let monitor: Monitor
    private let strangers: StrangerLog
    private var addresses: [UInt32: String] = [:]
    private var failure: HandshakeFailure?

    init(_ socket: Socket, strangers: StrangerLog) throws(ZeroMQError) {
        monitor = try Monitor(socket)
        self.strangers = strangers
    }

    func add(to poller: Poller) { poller.add(monitor.socket, .readable) }

    /// Reads on, so that libzmq never waits for room; bounded, as every turn is.
    func read() throws(ZeroMQError) {
        for _ in 0..<1024 {
            guard let event = try monitor.next() else { return }
            switch event.kind {
            case .accepted:
                addresses[event.value] = PeerAddress.text(of: Int32(bitPattern: event.value))
            case .handshakeFailed(let failure):
                self.failure = failure
            case .disconnected:
                let address = addresses.removeValue(forKey: event.value)
                // A refused key has been named by the authenticator.
                if let failure, !failure.isRefusal {
                    strangers.note(address ?? "somebody", "did not shake hands: \(failure.ofStranger)")
                }
                failure = nil
            default:
                continue
            }
        }
    }
}

extension HandshakeFailure {
    var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }

    /// As the bound side sees it.
    fileprivate var ofStranger: String {
        if case .noDetail = self {
            "it hung up, said nothing in time, or speaks no ZeroMQ"
        } else {
            description
        }
    }
}

/// Where the other end of a connection is.
enum PeerAddress {
    /// `10.0.0.7` or `fe80::1`; nil for what is no TCP connection any more.
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
