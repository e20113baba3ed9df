import Reinforcement
import Scheduling
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
        case revoked(PeerID)
    }

    let endpoint: Endpoint
    let inbox: Inbox<Arrival>
    private let router: Socket
    private let counters: TransportCounters
    private let limits: ReceptionLimits
    private let watch: ConnectionWatch
    private var doorman: Doorman

    init(
        _ endpoint: Endpoint, plan: SocketPlan, door: Door, in context: Context, counters: TransportCounters,
        wake: @escaping @Sendable () -> Void
    ) throws {
        router = try plan.router(in: context, door.security)
        watch = try ConnectionWatch(router, strangers: door.strangers)
        doorman = Doorman(door.security)
        self.endpoint = try router.bind(to: endpoint, door.security)
        self.counters = counters
        limits = plan.limits
        inbox = Inbox(count: 4096, bytes: 4 * plan.largestPart, roomAgain: wake)
    }

    func prepare(_ poller: Poller) {
        if inbox.hasRoom { poller.add(router, .readable) }
        watch.add(to: poller)
    }

    var patience: Duration { doorman.patience }

    func execute(_ command: Command) {
        guard case .send(let frames, let peer) = command else { return }
        guard doorman.mayReceive(peer) else {
            return counters.count(\.refused, "message to \(peer) dropped: its key is not on the list")
        }
        send(frames, to: peer)
    }

    private func send(_ frames: [Frame], to peer: PeerID) {
        do {
            try router.send([.bytes(peer.bytes)] + frames.map { .bytes($0) })
        } catch {
            if error.code == .hostUnreachable {
                counters.count(\.unreachable, "message to \(peer) dropped: it is gone")
                doorman.forget(peer)
                inbox.put(.gone(peer))
            } else {
                counters.count(\.overflowed, "message to \(peer) dropped: \(error)")
            }
        }
    }

    func turn() throws {
        try watch.read()
        for peer in doorman.expelled() {
            refuse(peer)
            inbox.put(.revoked(peer))
        }
        // Bounded, so that commands get their turn under any load.
        for _ in 0..<64 where inbox.hasRoom {
            switch try router.receive(limits: limits) {
            case nil:
                return
            case .message(let parts):
                guard let peer = admit(parts) else { continue }
                let cost = parts.reduce(0) { $0 + $1.count }
                inbox.put(.parts(peer, Array(parts.dropFirst())), cost: cost)
            case .rejected(let head, let parts, let bytes):
                guard let peer = admit(head) else { continue }
                inbox.put(.rejected(peer, .beyondLimits(parts: parts - 1, bytes: bytes, limits: limits)))
            }
        }
    }

    /// Who sent a message; nil when nobody may have, who is told so now and then.
    private func admit(_ parts: [Message]) -> PeerID? {
        switch doorman.judge(parts) {
        case .admitted(let peer): return peer
        case .refused(let peer, let tell):
            counters.count(\.refused, "message from \(peer) dropped: its key is not on the list")
            if tell { refuse(peer) }
            return nil
        case nil: return nil
        }
    }

    private func refuse(_ peer: PeerID) {
        let message = Envelope(stamp: RunStamp.unknown, message: CoordinatorMessage.refused(.key(of: peer)))
        guard let frames = try? MessageCoder.encode(message) else { return }
        send(frames, to: peer)
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
        case .revoked(let peer):
            return .revoked(peer)
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
