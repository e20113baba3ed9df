import Foundation
import Primitives
package import RunStore
package import Scheduling
import Synchronization

/// Events on their way to the run's records and to the log, in order and limited in number.
///
/// Adding an event never waits. When events arrive faster than the disk takes them, the oldest are dropped and
/// counted, and the count is recorded as an event.
package final class Journal: Sendable {
    private struct State {
        var pending: [EventRecord] = []
        /// The newest events, whether recorded or not.
        var recent: [EventRecord] = []
        var forgotten = 0
        var step: Int?
        var rejected = RateLimiter()
    }

    private let state = Mutex(State())
    private let incarnation: UInt64
    private let start = ContinuousClock.now
    private let log: @Sendable (String) -> Void
    private let alarmed: @Sendable (String, String) -> Void

    /// Number of events kept until the next `take`.
    private static let limit = 4096

    /// - Parameters:
    ///   - log: receives a line per call, for a person at the terminal.
    ///   - alarmed: receives the kind and the text of each line that begins with `ALARM`.
    package init(
        incarnation: UInt64, log: @escaping @Sendable (String) -> Void,
        alarmed: @escaping @Sendable (String, String) -> Void = { _, _ in }
    ) {
        self.incarnation = incarnation
        self.log = log
        self.alarmed = alarmed
    }

    /// Sets the number of steps done, which later events carry.
    package func begin(step: Int) { state.withLock { $0.step = step } }

    package func note(_ kind: String, _ message: String) {
        let event = event(kind, message)
        state.withLock { state in
            if state.pending.count >= Self.limit {
                state.pending.removeFirst(Self.limit / 4)
                state.forgotten += Self.limit / 4
            }
            state.pending.append(event)
            state.recent = state.recent.suffix(RunStatus.eventLimit - 1) + [event]
        }
    }

    /// An event of now that somebody else records.
    package func event(_ kind: String, _ message: String, step: Int? = nil) -> EventRecord {
        EventRecord(
            time: Date().timeIntervalSince1970, monotonic: (ContinuousClock.now - start).seconds,
            incarnation: incarnation, step: step ?? state.withLock(\.step), kind: kind, message: message)
    }

    /// The newest events, oldest first.
    var recent: [EventRecord] { state.withLock(\.recent) }

    /// Records an event, and logs it if it concerns a person; events that any peer can cause are
    /// rate-limited.
    package func note(_ event: RunEvent) {
        let (kind, isLoud) = event.kind
        guard let kind else { return }
        var text = "\(event)"
        if let address = event.sender {
            guard let tries = state.withLock({ $0.rejected.count("\(kind) \(address)") }) else { return }
            if tries > 1 { text += " (\(tries) such messages from there so far)" }
        }
        note(kind, text)
        if isLoud { log(text) }
    }

    /// Logs an event and records it.
    package func alarm(_ kind: String, _ message: String) {
        note(kind, message)
        log(message)
        if message.hasPrefix("ALARM") { alarmed(kind, message) }
    }

    package func say(_ line: String) { log(line) }

    /// Returns and removes the events noted since the last call.
    package func take() -> [EventRecord] {
        let elapsed = ContinuousClock.now - start
        return state.withLock { state in
            defer {
                state.pending = []
                state.forgotten = 0
            }
            guard state.forgotten > 0 else { return state.pending }
            let loss = EventRecord(
                time: Date().timeIntervalSince1970, monotonic: elapsed.seconds, incarnation: incarnation,
                step: state.step, kind: "eventsForgotten",
                message: "\(state.forgotten) events came faster than they could be recorded")
            return state.pending + [loss]
        }
    }

    /// Puts back events that could not be recorded, so that they are tried again.
    package func putBack(_ events: [EventRecord]) {
        state.withLock { $0.pending = (events + $0.pending).suffix(Self.limit) }
    }
}

extension RunEvent {
    /// The address of the peer that caused the event; nil for events that not every peer can cause.
    fileprivate var sender: String? {
        switch self {
        case .messageMalformed(let address, _), .workerRefused(_, let address): address
        default: nil
        }
    }

    /// The kind under which it is recorded, nil for events of every normal step, and whether it is logged.
    fileprivate var kind: (String?, isLoud: Bool) {
        switch self {
        case .workerJoined: ("workerJoined", false)
        case .workerReturned: ("workerReturned", false)
        case .workerRestarted: ("workerRestarted", true)
        case .workerLost: ("workerLost", true)
        case .workerLeft: ("workerLeft", false)
        case .workerRefused: ("workerRefused", true)
        case .workerRevoked: ("workerRevoked", true)
        case .workerQuarantined: ("workerQuarantined", true)
        case .workerReleased: ("workerReleased", true)
        case .attemptUsed, .roundOpened, .roundCompleted: (nil, false)
        case .attemptDropped(_, _, let reason, _): ("dropped.\(reason.rawValue)", false)
        case .attemptExpired: ("expired", false)
        case .attemptDoubled: ("doubled", false)
        case .problemsSetAside: ("setAside", true)
        case .resultLate(_, _, let reason): ("late.\(reason.rawValue)", false)
        case .messageMalformed: ("malformed", false)
        }
    }
}
