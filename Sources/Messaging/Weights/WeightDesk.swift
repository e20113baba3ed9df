import Reinforcement
import Scheduling
import WeightTransfer
import Wire
import ZeroMQ

/// The ROUTER of a port that hands out weights: lets in who may ask, counts what is no request, and never waits for a peer.
final class WeightDesk {
    let endpoint: Endpoint
    private let router: Socket
    private let watch: ConnectionWatch
    private var doorman: Doorman
    private let counters: TransportCounters
    // A request is one small frame; anything else is nobody's worker.
    private let limits = ReceptionLimits(parts: WireProtocol.largestFrameCount + 1, bytes: 1 << 20)

    init(
        _ endpoint: Endpoint, plan: SocketPlan, door: Door, in context: Context, counters: TransportCounters
    ) throws {
        var plan = plan
        plan.largestPart = limits.bytes
        router = try plan.router(in: context, door.security)
        watch = try ConnectionWatch(router, strangers: door.strangers)
        doorman = Doorman(door.security)
        self.endpoint = try router.bind(to: endpoint, door.security)
        self.counters = counters
    }

    func prepare(_ poller: Poller) {
        poller.add(router, .readable)
        watch.add(to: poller)
    }

    var patience: Duration { doorman.patience }

    /// Looks after the connections; the peers whose keys have been taken off the list since.
    func expelled() throws -> [PeerID] {
        try watch.read()
        return doorman.expelled()
    }

    /// What was asked, at most as much as one turn should answer.
    func requests() throws -> [(peer: PeerID, request: WeightRequest)] {
        var requests: [(PeerID, WeightRequest)] = []
        for _ in 0..<64 {
            switch try router.receive(limits: limits) {
            case nil:
                return requests
            case .message(let parts):
                guard let peer = admit(parts) else { continue }
                do {
                    requests.append((peer, try WeightCoder.decodeRequest(parts.dropFirst().map(\.bytes))))
                } catch {
                    counters.count(\.malformed, "malformed request from \(peer): \(error)")
                }
            case .rejected(let head, let parts, let bytes):
                guard let peer = admit(head) else { continue }
                let reason = WireError.beyondLimits(parts: parts - 1, bytes: bytes, limits: limits)
                counters.count(\.malformed, "malformed request from \(peer): \(reason)")
            }
        }
        return requests
    }

    /// What became of a reply.
    enum Sending {
        case sent
        /// The peer is gone, or may not be told anything any more.
        case gone
        /// Its queue is full: its window is larger than ours, and it asks again.
        case full
    }

    func send(_ parts: [Part], to peer: PeerID) throws -> Sending {
        guard doorman.mayReceive(peer) else { return .gone }
        do throws(ZeroMQError) {
            try router.send([.bytes(peer.bytes)] + parts)
            return .sent
        } catch {
            switch error.code {
            case .hostUnreachable:
                counters.count(\.unreachable, "weights for \(peer) dropped: it is gone")
                doorman.forget(peer)
                return .gone
            case .again:
                counters.count(\.overflowed, "weights for \(peer) dropped: its queue is full")
                return .full
            default: throw error
            }
        }
    }

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
