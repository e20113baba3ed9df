import Synchronization

/// Bytes of chunks that came to a server of weights, and that it sent; counted by its thread, read by any.
final class WeightTraffic: Sendable {
    private let bytes = Mutex((came: 0, went: 0))

    var now: (came: Int, went: Int) { bytes.withLock { $0 } }
    func came(_ count: Int) { bytes.withLock { $0.came += count } }
    func went(_ count: Int) { bytes.withLock { $0.went += count } }
}
