import Logging
import Wire
import ZeroMQ

/// The socket work of `ZeroMQWorkerTransport`.
final class WorkerRole: SocketRole {
    enum Command: Sendable {
        case send([Frame])
        case reconnect(CheckedContinuation<Void, Never>)
    }

    /// An event before it is decoded.
    enum Arrival: Sendable {
        case parts([Message])
        case malformed(WireError)
        case disconnected
        case shutOut(String)
    }

    let shared: (inbox: Inbox<Arrival>, reachability: Reachability)
    private let plan: SocketPlan
    private let counters: TransportCounters
    private let connection: DealerConnection

    init(
        _ endpoint: Endpoint, keys: ClientKeys?, plan: SocketPlan, counters: TransportCounters,
        wake: @escaping @Sendable () -> Void
    ) throws {
        self.plan = plan
        self.counters = counters
        connection = try DealerConnection(
            to: endpoint, role: "coordinator", plan: plan, keys: keys, in: Context())
        shared = (
            Inbox(count: 4096, bytes: 4 * plan.largestPart, roomAgain: wake), connection.reachability
        )
    }

    private var inbox: Inbox<Arrival> { shared.inbox }

    func prepare(_ poller: Poller) { connection.prepare(poller, reading: inbox.hasRoom) }

    var maximumWait: Duration { .seconds(1) }

    func execute(_ command: Command) {
        switch command {
        case .send(let frames):
            do {
                try connection.send(frames)
            } catch {
                counters.count(\.overflowed, "message to \(connection.endpoint) dropped: \(error)")
            }
        case .reconnect(let done):
            do {
                try connection.redial()
            } catch {
                // The old connection stays; the worker's own deadlines end it.
                counters.logger.error("cannot dial \(connection.endpoint) again: \(error)")
            }
            done.resume()
        }
    }

    func turn() throws {
        while let event = try connection.nextEvent() {
            switch event {
            case .lost:
                inbox.put(.disconnected)
            case .shutOut(let reason):
                inbox.put(.shutOut(reason))
            }
        }
        // Bounded, so that commands get their turn under any load.
        for _ in 0..<64 where inbox.hasRoom {
            switch try connection.receive() {
            case nil: return
            case .message(let parts): inbox.put(.parts(parts), cost: parts.reduce(0) { $0 + $1.count })
            case .rejected(_, let parts, let bytes):
                inbox.put(.malformed(.beyondLimits(parts: parts, bytes: bytes, limits: plan.limits)))
            }
        }
    }

    func ended(_ error: (any Error)?, unexecuted commands: [Command]) {
        counters.ended(error)
        for command in commands {
            switch command {
            case .send: counters.count(\.overflowed, "message dropped: the socket thread has failed")
            case .reconnect(let done): done.resume()
            }
        }
        inbox.close()
    }
}

extension WorkerRole.Arrival {
    /// The event, decoded on the reader's side.
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
                return Self.malformed(WireError(wrapping: error)).event(counters)
            }
        case .malformed(let reason):
            counters.count(\.malformed, "malformed message: \(reason)")
            return .malformed(reason)
        }
    }
}
