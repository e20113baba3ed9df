import Scheduling
import Wire
import ZeroMQ

/// The socket work of `ZeroMQCoordinatorTransport`.
final class CoordinatorRole: SocketRole {
    enum Command: Sendable {
        case send([Frame], to: PeerID)
    }

    /// An event before it is decoded.
    enum Arrival: Sendable {
        case parts(PeerID, [Message])
        case malformed(PeerID, WireError)
        case gone(PeerID)
        case revoked(PeerID)
    }

    let shared: (endpoint: Endpoint, inbox: Inbox<Arrival>)
    private let router: AuthorizedRouter
    private let counters: TransportCounters

    init(
        _ endpoint: Endpoint, security: PortSecurity, plan: SocketPlan, counters: TransportCounters,
        wake: @escaping @Sendable () -> Void
    ) throws {
        router = try AuthorizedRouter(endpoint, security: security, plan: plan, counters: counters)
        shared = (router.endpoint, Inbox(count: 4096, bytes: 4 * plan.largestPart, roomAgain: wake))
        self.counters = counters
    }

    private var inbox: Inbox<Arrival> { shared.inbox }

    func prepare(_ poller: Poller) { router.prepare(poller, reading: inbox.hasRoom) }

    var maximumWait: Duration { router.maximumWait }

    func execute(_ command: Command) {
        guard case .send(let frames, let peer) = command else { return }
        send(frames, to: peer)
    }

    private func send(_ frames: [Frame], to peer: PeerID, isRefusal: Bool = false) {
        do {
            let delivery = try router.send(frames.map { .bytes($0) }, to: peer, isRefusal: isRefusal)
            if delivery == .unreachable { inbox.put(.gone(peer)) }
        } catch {
            counters.count(\.overflowed, "message to \(peer) dropped: \(error)")
        }
    }

    func turn() throws {
        for peer in try router.updateAuthorization() {
            refuse(peer)
            inbox.put(.revoked(peer))
        }
        // Bounded, so that commands get their turn under any load.
        for _ in 0..<64 where inbox.hasRoom {
            switch try router.receive() {
            case .message(let peer, let parts):
                inbox.put(.parts(peer, parts), cost: parts.reduce(0) { $0 + $1.count })
            case .malformed(let peer, let reason): inbox.put(.malformed(peer, reason))
            case .refused(let peer, let tell): if tell { refuse(peer) }
            case nil: return
            }
        }
    }

    private func refuse(_ peer: PeerID) {
        let message = Envelope(stamp: RunStamp.unknown, message: CoordinatorMessage.refused(.key(of: peer)))
        guard let frames = try? MessageCoder.encode(message) else { return }
        send(frames, to: peer, isRefusal: true)
    }

    func ended(_ error: (any Error)?, unexecuted commands: [Command]) {
        counters.ended(error)
        for case .send(_, let peer) in commands {
            counters.count(\.overflowed, "message to \(peer) dropped: the socket thread has failed")
        }
        inbox.close()
    }
}

extension CoordinatorRole.Arrival {
    /// The event, decoded on the reader's side.
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
                return Self.malformed(peer, WireError(wrapping: error)).event(counters)
            }
        case .malformed(let peer, let reason):
            counters.count(\.malformed, "malformed message from \(peer): \(reason)")
            return .malformed(peer, reason)
        }
    }
}
