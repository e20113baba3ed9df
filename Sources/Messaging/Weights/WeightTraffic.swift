import Synchronization

/// The bytes of chunks that a weights port has received and sent, counted by its thread and read by any.
final class WeightTraffic: Sendable {
    private let bytes = Mutex((received: 0, sent: 0))

    var now: (received: Int, sent: Int) { bytes.withLock { $0 } }
    func received(_ count: Int) { bytes.withLock { $0.received += count } }
    func sent(_ count: Int) { bytes.withLock { $0.sent += count } }
}
