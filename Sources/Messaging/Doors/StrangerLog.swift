import Logging
import Primitives
import Synchronization

/// Names in the log whoever tried to come in and may not, by address, without letting them fill the disk.
///
/// Of an address its 1st, 2nd, 4th, 8th … try is shown, of all addresses together at most ten a minute.
final class StrangerLog: Sendable {
    private struct State {
        var tries = TryTally()
        var minute: ContinuousClock.Instant?
        var shown = 0
        var hidden = 0
    }

    private static let linesAMinute = 10

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    func note(_ address: String, _ what: @autoclosure () -> String) {
        let line: (tries: Int, hidden: Int)? = state.withLock { state in
            guard let tries = state.tries.count(address) else { return nil }
            let now = ContinuousClock.now
            if let minute = state.minute, now - minute < .seconds(60) {
                guard state.shown < Self.linesAMinute else {
                    state.hidden += 1
                    return nil
                }
                state.shown += 1
            } else {
                state.minute = now
                state.shown = 1
            }
            defer { state.hidden = 0 }
            return (tries, state.hidden)
        }
        guard let line else { return }
        let hidden = line.hidden > 0 ? "; \(line.hidden) such lines were left out before" : ""
        logger.warning("\(address) \(what()) (\(line.tries) so far\(hidden))")
    }

    func alarm(_ text: String) { logger.critical("\(text)") }
}
