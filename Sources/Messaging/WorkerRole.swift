import Logging
import Wire
import ZeroMQ

/// The DEALER behind `ZeroMQWorkerTransport`.
final class WorkerRole: SocketRole {
    enum Command: Sendable {
        case send([Frame])
        case reconnect(CheckedContinuation<Void, Never>)
    }

    /// What came in, not decoded yet.
    enum Arrival: Sendable {
        case parts([Message])
        case rejected(WireError)
        case disconnected
        case shutOut(String)
    }

    let inbox: Inbox<Arrival>
    private let endpoint: Endpoint
    private let plan: SocketPlan
    private let keys: ClientKeys?
    private let handshakes: HandshakeTally
    private let context: Context
    private let counters: TransportCounters
    private let logger: Logger
    private var connection: WatchedDealer

    init(
        _ endpoint: Endpoint, keys: ClientKeys?, plan: SocketPlan, counters: TransportCounters,
        logger: Logger,
        wake: @escaping @Sendable () -> Void
    ) throws {
        self.endpoint = endpoint
        self.plan = plan
        self.keys = keys
        handshakes = HandshakeTally(endpoint, keys, plan: plan)
        self.counters = counters
        self.logger = logger
        context = try Context()
        connection = try WatchedDealer(to: endpoint, plan: plan, keys: keys, handshakes, in: context)
        inbox = Inbox(count: 4096, bytes: 4 * plan.largestPart, roomAgain: wake)
    }

    func prepare(_ poller: Poller) {
        connection.add(to: poller, reading: inbox.hasRoom)
    }

    var patience: Duration { .seconds(1) }

    func execute(_ command: Command) {
        switch command {
        case .send(let frames):
            do {
                try connection.dealer.send(frames.map { .bytes($0) })
            } catch {
                counters.count(\.overflowed, "message to \(endpoint) dropped: \(error)")
            }
        case .reconnect(let done):
            do {
                // The new one first: an error leaves the old connection, which the worker's own deadlines end.
                let fresh = try WatchedDealer(
                    to: endpoint, plan: plan, keys: keys, handshakes, in: context)
                try connection.dealer.set(.linger, .zero)
                connection = fresh
            } catch {
                logger.error("cannot dial \(endpoint) again: \(error)")
            }
            done.resume()
        }
    }

    func turn() throws {
        while let news = try connection.news() {
            switch news {
            case .lost:
                inbox.put(.disconnected)
            case .shutOut(let reason):
                inbox.put(.shutOut(reason))
            }
        }
        for _ in 0..<64 where inbox.hasRoom {
            switch try connection.dealer.receive(limits: plan.limits) {
            case nil: return
            case .message(let parts): inbox.put(.parts(parts), cost: parts.reduce(0) { $0 + $1.count })
            case .rejected(_, let parts, let bytes):
                inbox.put(.rejected(.beyondLimits(parts: parts, bytes: bytes, limits: plan.limits)))
            }
        }
    }

    func ended(_ error: (any Error)?) {
        counters.ended(error)
        inbox.close()
    }
}

extension WorkerRole.Arrival {
    /// The event it stands for, decoded by whoever reads.
    func event(_ counters: TransportCounters) -> WorkerTransportEvent {
        switch self {
        case .disconnected:
            return .disconnected
        case .shutOut(let reason):
            return .shutOut(reason: reason)
        case .parts(let parts):
            do {
                return .message(try MessageCoder.decodeCoordinatorMessage(parts.map(\.bytes)))
            } catch {
                return malformed(WireError(wrapping: error), counters)
            }
        case .rejected(let reason):
            return malformed(reason, counters)
        }
    }

    private func malformed(_ reason: WireError, _ counters: TransportCounters) -> WorkerTransportEvent {
        counters.count(\.malformed, "malformed message: \(reason)")
        return .malformed(reason)
    }
}
