import Logging
import Primitives
import Synchronization

/// Logs rejected peers by address, with a bound on the lines that they can cause.
///
/// An address gets a line for its 1st, 2nd, 4th, 8th rejection and so on. All addresses together get ten lines a minute.
final class RejectedPeerLog: Sendable {
    private struct State {
        var limiter = RateLimiter()
        var minute: ContinuousClock.Instant?
        var shown = 0
        var hidden = 0
    }

    private static let linesPerMinute = 10

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func note(_ address: String, _ what: @autoclosure () -> String) {
        let line: (count: Int, hidden: Int)? = state.withLock { state in
            guard let count = state.limiter.count(address) else { return nil }
            let now = ContinuousClock.now
            if let minute = state.minute, now - minute < .seconds(60) {
                guard state.shown < Self.linesPerMinute else {
                    state.hidden += 1
                    return nil
                }
                state.shown += 1
            } else {
                state.minute = now
                state.shown = 1
            }
            defer { state.hidden = 0 }
            return (count, state.hidden)
        }
        guard let line else { return }
        let hidden = line.hidden > 0 ? "; \(line.hidden) such lines were left out before" : ""
        logger.warning("\(address) \(what()) (\(line.count) so far\(hidden))")
    }
}
