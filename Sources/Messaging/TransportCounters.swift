import Logging
import Synchronization

/// What a transport could not use or deliver so far.
package struct TransportCounts: Sendable, Hashable {
    /// Messages that arrived and could not be decoded.
    package var malformed = 0
    /// Messages that were not sent because the peer is gone.
    package var unreachable = 0
    /// Messages that were not sent because a queue is full.
    package var overflowed = 0
    /// Messages that were neither read nor sent because the peer's key is not on the list.
    package var refused = 0
    /// Times that a relay failed and was not asked for a while.
    package var setAside = 0

    package init() {}
}

/// Counts from any thread, and logs without letting an attacker fill the disk.
final class TransportCounters: Sendable {
    let logger: Logger
    private let counts = Mutex(TransportCounts())

    init(logger: Logger) { self.logger = logger }

    var now: TransportCounts { counts.withLock { $0 } }

    /// Logs that a socket thread has failed.
    func ended(_ error: (any Error)?) {
        if let error { logger.critical("the socket thread has failed: \(error)") }
    }

    /// Adds one, and logs the 1st, 2nd, 4th, 8th and so on of its kind.
    func count(_ kind: WritableKeyPath<TransportCounts, Int>, _ text: @autoclosure () -> String) {
        let total = counts.withLock { counts in
            counts[keyPath: kind] += 1
            return counts[keyPath: kind]
        }
        if total.nonzeroBitCount == 1 { logger.warning("\(text()) (\(total) so far)") }
    }
}
