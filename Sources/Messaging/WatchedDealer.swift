import ZeroMQ

/// A connecting DEALER and the monitor that tells what libzmq keeps to itself.
final class WatchedDealer {
    enum News {
        /// The connection broke; libzmq dials again by itself, except after a breach of protocol.
        case lost
        /// libzmq has given up for good, because it always would fail.
        case shutOut(HandshakeFailure)
    }

    let dealer: Socket
    private let monitor: Monitor

    init(to endpoint: Endpoint, plan: SocketPlan, in context: Context) throws(ZeroMQError) {
        dealer = try plan.dealer(in: context)
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
            case .disconnected:
                return .lost
            case .handshakeFailed(let failure):
                return failure.isFinal ? .shutOut(failure) : .lost
            default:
                continue
            }
        }
        return nil
    }
}

extension HandshakeFailure {
    /// Whether another try would fail the same way.
    ///
    /// A peer that dies while it shakes hands fails without detail.
    fileprivate var isFinal: Bool {
        switch self {
        case .noDetail: false
        case .refused(let status): status == 400
        case .protocol: isMechanismMismatch
        }
    }
}
