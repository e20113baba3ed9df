import Scheduling
import WeightTransfer
import Wire
import ZeroMQ

extension AuthorizedRouter {
    /// The requests for weights that wait, 64 at most.
    ///
    /// Malformed ones are counted and dropped.
    func weightRequests() throws -> [(peer: PeerID, request: WeightRequest)] {
        var requests: [(PeerID, WeightRequest)] = []
        for _ in 0..<64 {
            switch try receive() {
            case nil: return requests
            case .refused: continue
            case .malformed(let peer, let reason):
                counters.count(\.malformed, "malformed request from \(peer): \(reason)")
            case .message(let peer, let parts):
                do {
                    requests.append((peer, try WeightCoder.decodeRequest(parts.map(\.bytes))))
                } catch {
                    counters.count(\.malformed, "malformed request from \(peer): \(error)")
                }
            }
        }
        return requests
    }
}

extension SocketPlan {
    /// The plan of a port that receives requests for weights, each of one small frame.
    var forWeightRequests: SocketPlan {
        var plan = self
        plan.largestPart = 1 << 20
        return plan
    }
}
