import Foundation
import Host

/// A terminal's second screen, on which frames replace each other in place.
enum LiveScreen {
    /// Second screen; no line breaks of the terminal's own, whatever its letters measure; no cursor.
    private static let open = "\u{1B}[?1049h\u{1B}[?7l\u{1B}[?25l"
    private static let close = "\u{1B}[?25h\u{1B}[?7h\u{1B}[?1049l"

    /// Runs `body` on the second screen; the first one comes back, also when a signal ends the program.
    static func run<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        write(open)
        ProcessSignals.listen { number in
            write(close)
            signal(number, SIG_DFL)
            kill(getpid(), number)
        }
        defer {
            write(close)
            ProcessSignals.release()
        }
        return try await body()
    }

    /// Shows the lines in place of the frame before, by one write.
    static func show(_ lines: [String]) {
        let (columns, rows) = size
        write(frame(lines, columns: columns, rows: rows))
    }

    /// What a terminal of this size receives: the cursor goes home, each line clears its rest, and the last one the screen.
    static func frame(_ lines: [String], columns: Int, rows: Int) -> String {
        let shown = lines.prefix(max(1, rows)).map { $0.fitted(columns) + "\u{1B}[K" }
        return "\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J"
    }

    /// Asked for each frame, so that a resize needs no signal.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return }
            rest = rest.dropFirst(max(0, count))
        }
    }
}
