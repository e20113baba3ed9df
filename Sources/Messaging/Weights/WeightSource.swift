import ZeroMQ

/// A server of chunks as its client sees it: the connection, and whether it is set aside.
final class WeightSource {
    let connection: DealerConnection
    /// Whether its chunks are sealed.
    let isSealed: Bool
    /// Failures since the last download that it served to the end.
    private var failures = 0
    private var restsUntil: Duration?

    /// - Parameter role: what answers there, for messages: `coordinator` or `relay`.
    init(_ source: WeightClient.Source, role: String, plan: SocketPlan, in context: Context) throws {
        isSealed = source.isSealed
        connection = try DealerConnection(
            to: source.endpoint, role: role, plan: plan, keys: source.keys, in: context)
    }

    var endpoint: Endpoint { connection.endpoint }

    /// Takes the messages that wait, 64 at most.
    func receive(_ take: (Reception) throws -> Void) throws {
        for _ in 0..<64 {
            guard let reception = try connection.receive() else { return }
            try take(reception)
        }
    }

    func rests(at now: Duration) -> Bool { restsUntil.map { now < $0 } ?? false }

    /// Sets the source aside for a while: `duration` the first time, twice as long each further time, up to 32 times.
    ///
    /// - Returns: false when it rests already.
    @discardableResult
    func rest(_ duration: Duration, from now: Duration) throws -> Bool {
        guard !rests(at: now) else { return false }
        restsUntil = now + duration * (1 << min(failures, 5))
        failures += 1
        // A new connection, so that late answers do not arrive when it is asked again.
        try connection.redial()
        return true
    }

    /// Notes that it served a download to the end.
    func succeeded() { failures = 0 }
}
