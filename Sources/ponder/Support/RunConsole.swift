import Foundation
import Synchronization

/// A run's lines on standard error.
///
/// On a terminal a line that changes stands below them while something takes long. Elsewhere that line is written at most every
/// half a minute, when nothing else was.
final class RunConsole: Sendable {
    private struct State {
        var isOpen = false
        var last = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let isLive: Bool
    private let interval: Duration
    private let write: @Sendable (String) -> Void
    private static let clear = "\r\u{1B}[K"

    /// - Parameters:
    ///   - isLive: whether standard error is a terminal.
    ///   - interval: least time between a line and the next one that says how far the work is, without a terminal.
    ///   - write: receives text, with its line ends.
    init(
        isLive: Bool = isatty(STDERR_FILENO) == 1, interval: Duration = .seconds(30),
        write: @escaping @Sendable (String) -> Void
    ) {
        self.isLive = isLive
        self.interval = interval
        self.write = write
    }

    /// Writes a line that stays.
    func say(_ line: String) {
        state.withLock { state in
            write((state.isOpen ? Self.clear : "") + line + "\n")
            state.isOpen = false
            state.last = .now
        }
    }

    /// Removes the line that changes, so that other output may follow.
    func close() {
        state.withLock { state in
            if state.isOpen { write(Self.clear) }
            state.isOpen = false
        }
    }

    /// Says how far the work is.
    func working(_ line: String) {
        state.withLock { state in
            if isLive {
                state.isOpen = true
                write(Self.clear + line.prefix(79))
            } else if ContinuousClock.now - state.last >= interval {
                state.last = .now
                write(line + "\n")
            }
        }
    }
}
