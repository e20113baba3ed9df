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
    // A request is one small frame; anything else is nobody's worker.
    private let limits = ReceptionLimits(parts: WireProtocol.largestFrameCount + 1, bytes: 1 << 20)
    private var shelf = WeightShelf()

    init(_ endpoint: Endpoint, plan: SocketPlan, counters: TransportCounters) throws {
        var plan = plan
        plan.largestPart = limits.bytes
        router = try plan.router(in: Context())
        self.endpoint = try router.bind(to: endpoint)
        self.counters = counters
    }

    func prepare(_ poller: Poller) { poller.add(router, .readable) }

    var patience: Duration { .seconds(1) }

    func execute(_ command: Command) {
        switch command {
        case .publish(let version, let done):
            shelf.publish(version)
            done.resume(returning: true)
        }
    }

    func turn() throws {
        for _ in 0..<64 {
            switch try router.receive(limits: limits) {
            case nil:
                return
            case .message(let parts):
                guard let peer = PeerID(parts: parts) else { continue }
                do {
                    let request = try WeightCoder.decodeRequest(parts.dropFirst().map(\.bytes))
                    try router.send([.bytes(peer.bytes)] + shelf.reply(to: request))
                } catch let error as ZeroMQError where error.code == .hostUnreachable {
                    counters.count(\.unreachable, "weights for \(peer) dropped: it is gone")
                } catch let error as ZeroMQError where error.code == .again {
                    // Its window is larger than ours; it asks again.
                    counters.count(\.overflowed, "weights for \(peer) dropped: its queue is full")
                } catch let error as ZeroMQError {
                    throw error
                } catch {
                    counters.count(\.malformed, "malformed request from \(peer): \(error)")
                }
            case .rejected(let head, let parts, let bytes):
                guard let peer = PeerID(parts: head) else { continue }
                let reason = WireError.beyondLimits(parts: parts - 1, bytes: bytes, limits: limits)
                counters.count(\.malformed, "malformed request from \(peer): \(reason)")
            }
        }
    }

    func ended(_ error: (any Error)?) { counters.ended(error) }
}
