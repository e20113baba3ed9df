import Logging
import Primitives
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
    let reachability: Reachability
    private let plan: SocketPlan
    private let keys: ClientKeys?
    private let context: Context
    private let handshakes: HandshakeFailures
    private var current: (dealer: Socket, monitor: Monitor)

    /// - Parameter role: what answers there, for messages: `coordinator`.
    init(
        to endpoint: Endpoint, role: String, plan: SocketPlan, keys: ClientKeys?, in context: Context
    ) throws(ZeroMQError) {
        self.endpoint = endpoint
        reachability = Reachability(endpoint, role: role)
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
        reachability.reached(.dialing)
    }

    /// Logs that the connection is made, or why nobody answers.
    func tellNews(_ logger: Logger) {
        switch reachability.news() {
        case .connected: logger.notice("connected to \(endpoint)")
        case .alone(let time):
            Task { [endpoint, reachability] in
                let reason = await reachability.diagnosis()
                logger.warning("no answer from \(endpoint) for \(time.text): \(reason); trying again")
            }
        case nil: break
        }
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
                reachability.reached(.connected)
            case .handshakeSucceeded:
                handshakes.succeeded()
                reachability.reached(.greeted)
            case .disconnected:
                reachability.reached(.dialing)
                return .lost
            case .handshakeFailed(let failure):
                reachability.reached(.brokeOff)
                return handshakes.failed(failure).map { .shutOut($0) } ?? .lost
            default:
                continue
            }
        }
        return nil
    }
}
