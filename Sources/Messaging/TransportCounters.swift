import Logging
import Synchronization

/// What a transport could not use or deliver, counted for `status`.
package struct TransportCounts: Sendable, Hashable {
    /// Arrived and were no messages of ours.
    package var malformed = 0
    /// Not sent, because the peer is gone.
    package var unreachable = 0
    /// Not sent, because the peer's queue or our own is full.
    package var overflowed = 0
    /// Neither read nor sent, because the peer's key is not on the list any more.
    package var refused = 0
    /// Relays that were not asked any more for a while, because they failed.
    package var setAside = 0

    package init() {}
}

/// Counts from any thread, and logs without letting an attacker fill the disk.
final class TransportCounters: Sendable {
    private let counts = Mutex(TransportCounts())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var now: TransportCounts { counts.withLock { $0 } }

    /// Logs that the thread has ended by itself; `close` is no error.
    func ended(_ error: (any Error)?) {
        if let error { logger.critical("the socket thread has ended: \(error)") }
    }

    /// Adds one, and logs the 1st, 2nd, 4th, 8th, … of a kind.
    func count(_ kind: WritableKeyPath<TransportCounts, Int>, _ text: @autoclosure () -> String) {
        let total = counts.withLock { counts in
            counts[keyPath: kind] += 1
            return counts[keyPath: kind]
        }
        if total.nonzeroBitCount == 1 { logger.warning("\(text()) (\(total) so far)") }
    }
}
