import ZeroMQ

/// A connecting DEALER and its monitor, which reports what the DEALER does not.
final class DealerConnection {
    enum Event {
        /// The connection broke. libzmq dials again by itself, except after a breach of protocol.
        case lost
        /// Every other try would fail the same way; the reason names the remedy.
        case shutOut(String)
    }

    let endpoint: Endpoint
    private let plan: SocketPlan
    private let keys: ClientKeys?
    private let context: Context
    private let handshakes: HandshakeFailures
    private var current: (dealer: Socket, monitor: Monitor)

    init(to endpoint: Endpoint, plan: SocketPlan, keys: ClientKeys?, in context: Context) throws(ZeroMQError)
    {
        self.endpoint = endpoint
        self.plan = plan
        self.keys = keys
        self.context = context
        handshakes = HandshakeFailures(endpoint, keys, plan: plan)
        current = try Self.dial(endpoint, plan, keys, context)
    }

    private static func dial(
        _ endpoint: Endpoint, _ plan: SocketPlan, _ keys: ClientKeys?, _ context: Context
    ) throws(ZeroMQError) -> (Socket, Monitor) {
        let dealer = try plan.dealer(in: context, keys)
        let monitor = try Monitor(dealer)
        try dealer.connect(to: endpoint)
        return (dealer, monitor)
    }

    /// Replaces the connection, and drops everything queued on it.
    ///
    /// After an error the old connection stays.
    func redial() throws(ZeroMQError) {
        let fresh = try Self.dial(endpoint, plan, keys, context)
        try current.dealer.set(.linger, .zero)
        current = fresh
    }

    func prepare(_ poller: Poller, reading: Bool = true) {
        if reading { poller.add(current.dealer, .readable) }
        poller.add(current.monitor.socket, .readable)
    }

    func send(_ frames: [[UInt8]]) throws(ZeroMQError) { try current.dealer.send(frames.map { .bytes($0) }) }

    /// The next message, nil when no message waits.
    func receive() throws(ZeroMQError) -> Reception? { try current.dealer.receive(limits: plan.limits) }

    /// The next event that matters, nil when there is none.
    func nextEvent() throws(ZeroMQError) -> Event? {
        while let event = try current.monitor.next() {
            switch event.kind {
            case .connected:
                handshakes.started()
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
