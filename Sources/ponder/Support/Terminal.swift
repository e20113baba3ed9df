import Foundation
import Primitives

/// Output that only a terminal receives.
enum Terminal {
    /// Whether a stream is a terminal whose user has not asked for plain text.
    static func hasColour(_ descriptor: Int32) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(descriptor) == 1 && (environment["NO_COLOR"] ?? "").isEmpty
            && environment["TERM"] != "dumb"
    }

    /// The columns of standard output: `$COLUMNS`, else those of the terminal, else 80.
    ///
    /// A text below 40 is not laid out.
    static var width: Int {
        var size = winsize()
        let columns =
            ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
            ?? (ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80)
        return max(40, columns)
    }

    /// The text in faint letters where standard output is a terminal, else the text.
    static func faint(_ text: String) -> String {
        hasColour(STDOUT_FILENO) ? "\u{1B}[2m\(text)\u{1B}[0m" : text
    }
}

/// Standard error, which receives progress and errors.
enum StandardError {
    static func write(_ line: String) { show(line + "\n") }

    /// Writes text that is no whole line.
    static func show(_ text: String) {
        // When standard error is closed, the failure cannot be reported anywhere.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

/// Progress on standard error: on a terminal one line that changes, elsewhere a new line from time to time.
final class Progress {
    private let isLive = isatty(STDERR_FILENO) == 1
    private let clock = ContinuousClock()
    private let interval: Duration
    private var last: ContinuousClock.Instant?
    private var isOpen = false

    /// - Parameter interval: least time between two lines when standard error is not a terminal.
    init(interval: Duration = .seconds(5)) { self.interval = interval }

    func update(_ text: @autoclosure () -> String) {
        let now = clock.now
        let pause = isLive ? .milliseconds(100) : interval
        if let last, now - last < pause { return }
        last = now
        if isLive {
            isOpen = true
            try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text())".utf8))
        } else {
            StandardError.write(text())
        }
    }

    /// `evaluating: 128/512, 00:40 left`.
    static func text(_ work: String, _ done: Int, of all: Int, seconds: Double) -> String {
        let left = Duration.seconds(seconds / Double(max(1, done)) * Double(all - done))
        return "\(work): \(done)/\(all), \(left.clock) left"
    }

    /// Leaves the line that changes, so that the next output begins a new one.
    func finish() {
        if isOpen { StandardError.write("") }
        isOpen = false
    }
}

extension Double {
    /// With a fixed number of decimals.
    func shown(_ decimals: Int = 1) -> String { String(format: "%.\(decimals)f", self) }

    /// A share as a percentage.
    var percent: String { (100 * self).shown() + " %" }

    /// The same without decimals.
    var wholePercent: String { (100 * self).shown(0) + " %" }
}
