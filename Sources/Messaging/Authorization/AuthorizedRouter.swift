import Scheduling
import Wire
import ZeroMQ

/// The ROUTER of a bound port, which exchanges messages with authorized peers only.
///
/// Owns the sockets of a port: the ROUTER, its monitor and, where keys are demanded, the authenticator.
final class AuthorizedRouter {
    enum Arrival {
        /// The parts behind the routing id.
        case message(PeerID, [Message])
        case malformed(PeerID, WireError)
        /// `tell` is whether to send a refusal.
        case refused(PeerID, tell: Bool)
    }

    /// What became of a message to a peer; all but `queued` are counted.
    enum Delivery {
        case queued
        /// The queue of the peer is full.
        case full
        case unreachable
        case unauthorized
    }

    /// The bound endpoint, with its port number.
    let endpoint: Endpoint
    private let authenticator: ZAPAuthenticator?
    private let socket: Socket
    private let handshakes: HandshakeMonitor
    private var authorizer: PeerAuthorizer
    private let limits: ReceptionLimits
    let counters: TransportCounters

    /// - Throws: `EndpointError`, `ZeroMQError`.
    init(
        _ endpoint: Endpoint, security: PortSecurity, plan: SocketPlan, counters: TransportCounters
    ) throws {
        let context = try Context()
        let log = RejectedPeerLog(logger: counters.logger)
        authenticator = try security.allowList.map { try ZAPAuthenticator($0, log: log, in: context) }
        socket = try plan.router(in: context, security)
        handshakes = try HandshakeMonitor(socket, log: log)
        authorizer = PeerAuthorizer(security)
        limits = plan.limits
        self.counters = counters
        self.endpoint = try socket.bind(to: endpoint, security)
    }

    /// How long the thread may wait when nothing happens.
    var maximumWait: Duration { authorizer.maximumWait }

    func prepare(_ poller: Poller, reading: Bool = true) {
        if reading { poller.add(socket, .readable) }
        handshakes.prepare(poller)
        authenticator?.prepare(poller)
    }

    /// Handles handshakes and changes of the list.
    ///
    /// - Returns: the peers whose keys were removed from the list since the last call.
    func updateAuthorization() throws -> [PeerID] {
        try authenticator?.answerRequests()
        try handshakes.readEvents()
        return authorizer.revoked()
    }

    /// The next message, nil when no message waits.
    func receive() throws -> Arrival? {
        while let reception = try socket.receive(limits: limits) {
            switch authorizer.judge(reception.head) {
            case .refused(let peer, let tell):
                counters.count(\.refused, "message from \(peer) dropped: its key is not on the list")
                return .refused(peer, tell: tell)
            case .accepted(let peer):
                switch reception {
                case .message(let parts):
                    return .message(peer, Array(parts.dropFirst()))
                case .rejected(_, let parts, let bytes):
                    return .malformed(peer, .beyondLimits(parts: parts - 1, bytes: bytes, limits: limits))
                }
            case nil: continue
            }
        }
        return nil
    }

    /// - Parameter isRefusal: whether the message may go to a peer that is not authorized.
    /// - Throws: `ZeroMQError` for anything else than a peer that is gone or slow.
    func send(_ parts: [Part], to peer: PeerID, isRefusal: Bool = false) throws(ZeroMQError) -> Delivery {
        guard isRefusal || authorizer.mayReceive(peer) else {
            counters.count(\.refused, "message to \(peer) dropped: its key is not on the list")
            return .unauthorized
        }
        do throws(ZeroMQError) {
            try socket.send([.bytes(peer.bytes)] + parts)
            return .queued
        } catch {
            switch error.code {
            case .hostUnreachable:
                counters.count(\.unreachable, "message to \(peer) dropped: it is gone")
                authorizer.forget(peer)
                return .unreachable
            case .again:
                counters.count(\.overflowed, "message to \(peer) dropped: its queue is full")
                return .full
            default: throw error
            }
        }
    }
}
