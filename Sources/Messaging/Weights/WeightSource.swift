import ZeroMQ

/// A server of chunks as its client sees it: the connection, and whether it has earned a rest.
final class WeightSource {
    let endpoint: Endpoint
    /// Whether its chunks are sealed ones.
    let isSealed: Bool
    private let plan: SocketPlan
    private let keys: ClientKeys?
    private let handshakes: HandshakeTally
    private let context: Context
    private(set) var connection: WatchedDealer
    /// Failures since the last download that it served to the end.
    private var failures = 0
    private var restsUntil: Duration?

    init(_ source: WeightClient.Source, plan: SocketPlan, in context: Context) throws {
        endpoint = source.endpoint
        isSealed = source.isSealed
        keys = source.keys
        self.plan = plan
        self.context = context
        handshakes = HandshakeTally(endpoint, keys, plan: plan)
        connection = try WatchedDealer(to: endpoint, plan: plan, keys: keys, handshakes, in: context)
    }

    /// Takes what has come, at most as much as one turn should, also from a connection that is made meanwhile.
    func receive(_ limits: ReceptionLimits, _ take: (Reception) throws -> Void) throws {
        for _ in 0..<64 {
            guard let reception = try connection.dealer.receive(limits: limits) else { return }
            try take(reception)
        }
    }

    /// A fresh connection, on which nothing is asked yet.
    func redial() throws {
        let fresh = try WatchedDealer(to: endpoint, plan: plan, keys: keys, handshakes, in: context)
        try connection.dealer.set(.linger, .zero)
        connection = fresh
    }

    func rests(at now: Duration) -> Bool { restsUntil.map { now < $0 } ?? false }

    /// Leaves it alone for a while, longer each time.
    ///
    /// - Returns: false when it rests already.
    @discardableResult
    func rest(_ duration: Duration, from now: Duration) throws -> Bool {
        guard !rests(at: now) else { return false }
        restsUntil = now + duration * (1 << min(failures, 5))
        failures += 1
        // What it was asked and has not answered is not to come when it is asked again.
        try redial()
        return true
    }

    func didWell() { failures = 0 }
}
