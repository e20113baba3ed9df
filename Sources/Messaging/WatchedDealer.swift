import ZeroMQ

/// A connecting DEALER and the monitor that tells what libzmq keeps to itself.
final class WatchedDealer {
    enum News {
        /// The connection broke; libzmq dials again by itself, except after a breach of protocol.
        case lost
        /// Every other try would fail the same way; the reason names the remedy.
        case shutOut(String)
    }

    let dealer: Socket
    private let monitor: Monitor
    private let handshakes: HandshakeTally

    /// - Parameter handshakes: goes on over dialing again.
    init(
        to endpoint: Endpoint, plan: SocketPlan, keys: ClientKeys?, _ handshakes: HandshakeTally,
        in context: Context
    ) throws(ZeroMQError) {
        self.handshakes = handshakes
        dealer = try plan.dealer(in: context, keys)
        monitor = try Monitor(dealer)
        try dealer.connect(to: endpoint)
    }

    func add(to poller: Poller, reading: Bool) {
        if reading { poller.add(dealer, .readable) }
        poller.add(monitor.socket, .readable)
    }

    /// The next event that matters; nil when there is none.
    func news() throws(ZeroMQError) -> News? {
        while let event = try monitor.next() {
            switch event.kind {
            case .connected:
                handshakes.began()
            case .handshakeSucceeded:
                handshakes.succeeded()
            case .disconnected:
                return .lost
            case .handshakeFailed(let failure):
                return handshakes.failed(failure).map { .shutOut($0) } ?? .lost
            default:
                continue
            }
        }
        return nil
    }
}
