import Reinforcement
import Wire
import ZeroMQ

/// The desk behind `WeightServer`: answers from its shelf.
final class WeightServerRole: SocketRole {
    enum Command: Sendable {
        case publish(WeightShelf.Version, CheckedContinuation<Bool, Never>)
    }

    private let desk: WeightDesk
    private let counters: TransportCounters
    private let traffic: WeightTraffic
    private var shelf = WeightShelf()

    init(
        _ endpoint: Endpoint, plan: SocketPlan, door: Door, in context: Context, traffic: WeightTraffic,
        counters: TransportCounters
    ) throws {
        desk = try WeightDesk(endpoint, plan: plan, door: door, in: context, counters: counters)
        self.counters = counters
        self.traffic = traffic
    }

    var endpoint: Endpoint { desk.endpoint }
    var patience: Duration { desk.patience }

    func prepare(_ poller: Poller) { desk.prepare(poller) }

    func execute(_ command: Command) {
        switch command {
        case .publish(let version, let done):
            shelf.publish(version)
            done.resume(returning: true)
        }
    }

    func turn() throws {
        // The control port tells whose key was revoked.
        _ = try desk.expelled()
        for (peer, request) in try desk.requests() {
            let reply: [Part]
            do {
                reply = try shelf.reply(to: request)
            } catch {
                counters.count(\.malformed, "unanswerable request from \(peer): \(error)")
                continue
            }
            if case .sent = try desk.send(reply, to: peer), case .shared(_, let range)? = reply.last {
                traffic.went(range.count)
            }
        }
    }

    func ended(_ error: (any Error)?) { counters.ended(error) }
}
