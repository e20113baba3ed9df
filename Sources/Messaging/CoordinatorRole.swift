import Reinforcement
import Wire
import ZeroMQ

/// The ROUTER behind `ZeroMQCoordinatorTransport`.
final class CoordinatorRole: SocketRole {
    enum Command: Sendable {
        case send([Frame], to: PeerID)
    }

    /// What came in, not decoded yet.
    enum Arrival: Sendable {
        case parts(PeerID, [Message])
        case rejected(PeerID, WireError)
        case gone(PeerID)
    }

    let endpoint: Endpoint
    let inbox: Inbox<Arrival>
    private let router: Socket
    private let counters: TransportCounters
    private let limits: ReceptionLimits

    init(
        _ endpoint: Endpoint, plan: SocketPlan, counters: TransportCounters,
        wake: @escaping @Sendable () -> Void
    ) throws {
        router = try plan.router(in: Context())
        self.endpoint = try router.bind(to: endpoint)
        self.counters = counters
        limits = plan.limits
        inbox = Inbox(count: 4096, bytes: 4 * plan.largestPart, roomAgain: wake)
    }

    func prepare(_ poller: Poller) {
        if inbox.hasRoom { poller.add(router, .readable) }
    }

    var patience: Duration { .seconds(1) }

    func execute(_ command: Command) {
        guard case .send(let frames, let peer) = command else { return }
        do {
            try router.send([.bytes(peer.bytes)] + frames.map { .bytes($0) })
        } catch {
            if error.code == .hostUnreachable {
                counters.count(\.unreachable, "message to \(peer) dropped: it is gone")
                inbox.put(.gone(peer))
            } else {
                counters.count(\.overflowed, "message to \(peer) dropped: \(error)")
            }
        }
    }

    func turn() throws {
        // Bounded, so that commands get their turn under any load.
        for _ in 0..<64 where inbox.hasRoom {
            switch try router.receive(limits: limits) {
            case nil:
                return
            case .message(let parts):
                guard let peer = PeerID(parts: parts) else { continue }
                let cost = parts.reduce(0) { $0 + $1.count }
                inbox.put(.parts(peer, Array(parts.dropFirst())), cost: cost)
            case .rejected(let head, let parts, let bytes):
                guard let peer = PeerID(parts: head) else { continue }
                inbox.put(.rejected(peer, .beyondLimits(parts: parts - 1, bytes: bytes, limits: limits)))
            }
        }
    }

    func ended(_ error: (any Error)?) {
        counters.ended(error)
        inbox.close()
    }
}

extension CoordinatorRole.Arrival {
    /// The event it stands for, decoded by whoever reads.
    func event(_ counters: TransportCounters) -> CoordinatorTransportEvent {
        switch self {
        case .gone(let peer):
            return .disconnected(peer)
        case .parts(let peer, let parts):
            do {
                return .message(peer, try MessageCoder.decodeWorkerMessage(parts.map(\.bytes)))
            } catch {
                let reason = WireError(wrapping: error)
                counters.count(\.malformed, "malformed message from \(peer): \(reason)")
                return .malformed(peer, reason)
            }
        case .rejected(let peer, let reason):
            counters.count(\.malformed, "malformed message from \(peer): \(reason)")
            return .malformed(peer, reason)
        }
    }
}

extension PeerID {
    /// A ROUTER's first part and, from the payload behind it, the address for people.
    init?(parts: [Message]) {
        guard let name = parts.first else { return nil }
        let id = name.bytes
        let address = parts.dropFirst().first?.peerAddress ?? "local"
        // A peer's bytes are five, of libzmq's making; the last four tell it from others at its address.
        self.init(bytes: id, address: "\(address)#\(id.suffix(4).map { String($0, radix: 16) }.joined())")
    }
}
