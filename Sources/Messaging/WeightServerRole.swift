import Reinforcement
import Wire
import ZeroMQ

/// The ROUTER behind `WeightServer`.
final class WeightServerRole: SocketRole {
    enum Command: Sendable {
        case publish(WeightShelf.Version, CheckedContinuation<Bool, Never>)
    }

    let endpoint: Endpoint
    private let router: Socket
    private let counters: TransportCounters
    private let traffic: WeightTraffic
    // A request is one small frame; anything else is nobody's worker.
    private let limits = ReceptionLimits(parts: WireProtocol.largestFrameCount + 1, bytes: 1 << 20)
    private let watch: ConnectionWatch
    private var doorman: Doorman
    private var shelf = WeightShelf()

    init(
        _ endpoint: Endpoint, plan: SocketPlan, door: Door, in context: Context, traffic: WeightTraffic,
        counters: TransportCounters
    ) throws {
        var plan = plan
        plan.largestPart = limits.bytes
        router = try plan.router(in: context, door.security)
        watch = try ConnectionWatch(router, strangers: door.strangers)
        doorman = Doorman(door.security)
        self.endpoint = try router.bind(to: endpoint, door.security)
        self.counters = counters
        self.traffic = traffic
    }

    func prepare(_ poller: Poller) {
        poller.add(router, .readable)
        watch.add(to: poller)
    }

    var patience: Duration { doorman.patience }

    func execute(_ command: Command) {
        switch command {
        case .publish(let version, let done):
            shelf.publish(version)
            done.resume(returning: true)
        }
    }

    func turn() throws {
        try watch.read()
        // Frees what is known of them; the control port tells them.
        _ = doorman.expelled()
        for _ in 0..<64 {
            switch try router.receive(limits: limits) {
            case nil:
                return
            case .message(let parts):
                guard let peer = admit(parts) else { continue }
                do {
                    let request = try WeightCoder.decodeRequest(parts.dropFirst().map(\.bytes))
                    let reply = try shelf.reply(to: request)
                    try router.send([.bytes(peer.bytes)] + reply)
                    if case .shared(_, let range)? = reply.last { traffic.went(range.count) }
                } catch let error as ZeroMQError where error.code == .hostUnreachable {
                    counters.count(\.unreachable, "weights for \(peer) dropped: it is gone")
                    doorman.forget(peer)
                } catch let error as ZeroMQError where error.code == .again {
                    // Its window is larger than ours; it asks again.
                    counters.count(\.overflowed, "weights for \(peer) dropped: its queue is full")
                } catch let error as ZeroMQError {
                    throw error
                } catch {
                    counters.count(\.malformed, "malformed request from \(peer): \(error)")
                }
            case .rejected(let head, let parts, let bytes):
                guard let peer = admit(head) else { continue }
                let reason = WireError.beyondLimits(parts: parts - 1, bytes: bytes, limits: limits)
                counters.count(\.malformed, "malformed request from \(peer): \(reason)")
            }
        }
    }

    func ended(_ error: (any Error)?) { counters.ended(error) }

    private func admit(_ parts: [Message]) -> PeerID? {
        switch doorman.judge(parts) {
        case .admitted(let peer): return peer
        case .refused(let peer, _):
            counters.count(\.refused, "request of \(peer) dropped: its key is not on the list")
            return nil
        case nil: return nil
        }
    }
}
