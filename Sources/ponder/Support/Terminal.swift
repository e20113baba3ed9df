import Foundation
import Host
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

/// Standard error, which receives progress and errors; writing to it never waits for its reader.
enum StandardError {
    private static let log = LineLog(STDERR_FILENO)
    /// A terminal and journald show lines as they come; a file gets the time of each.
    private static let isTimed =
        isatty(STDERR_FILENO) == 0 && ProcessInfo.processInfo.environment["JOURNAL_STREAM"] == nil

    static func write(_ line: String) { log.add(line + "\n") }

    /// Writes a line of a process that runs for long, with the time (UTC) where it goes to a file.
    static func tell(_ line: String) { write(timed(line)) }

    /// The line with the time before it, where standard error goes to a file.
    static func timed(_ line: String) -> String {
        isTimed ? "\(Date().formatted(.iso8601)) \(line)" : line
    }

    /// Writes text that is no whole line.
    static func show(_ text: String) { log.add(text) }

    /// Waits for what was written, up to a second after its reader has stopped to read.
    ///
    /// Call it before the process ends.
    static func flush() { log.flush() }
}

/// Standard output, which receives results.
enum StandardOutput {
    /// The stream of `print`.
    ///
    /// Swift 6 refuses the name `stdout`, because C declares it as a variable.
    private nonisolated(unsafe) static let stream = dlsym(nil, "stdout")?
        .assumingMemoryBound(to: UnsafeMutablePointer<FILE>.self).pointee

    /// Checks that everything printed so far has arrived.
    ///
    /// - Throws: `CommandFailure`, since the result is lost.
    static func flush() throws {
        errno = 0
        guard fflush(stream) != 0 || stream.map({ ferror($0) != 0 }) == true else { return }
        let reason = errno == 0 ? "a part of it was refused" : String(cString: strerror(errno))
        throw CommandFailure(.failed, "standard output cannot be written: \(reason)")
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
            StandardError.show("\r\u{1B}[K\(text())")
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
