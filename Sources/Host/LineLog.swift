import Foundation

/// Text on its way to a descriptor whose reader may be slow, stopped or gone: adding it never waits.
///
/// One thread writes. What does not fit into the buffer, and what the system refuses (a full disk), is dropped and counted; the
/// next line that can be written says how much.
package final class LineLog: @unchecked Sendable {
    private let descriptor: Int32
    private let limit: Int
    private let condition = NSCondition()
    // Guarded by `condition`.
    private var pending: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var hasThread = false

    /// - Parameter limit: bytes that wait at most.
    package init(_ descriptor: Int32, limit: Int = 1 << 18) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// Adds text, which usually is a line with its end.
    package func add(_ text: String) {
        condition.lock()
        defer { condition.unlock() }
        let text = gap + text
        if pending.count + text.utf8.count > limit {
            dropped += 1
            return
        }
        pending += text.utf8
        dropped = 0
        if !hasThread {
            hasThread = true
            let thread = Thread { [self] in work() }
            thread.name = "ponder-log"
            thread.stackSize = 256 << 10
            thread.start()
        }
        condition.signal()
    }

    /// What stands in the place of the lines that were dropped.
    private var gap: String {
        dropped == 0 ? "" : "lines missing here, because nobody read them or the disk was full: \(dropped)\n"
    }

    /// Waits until everything is written, or until nothing more was taken for `patience`.
    package func flush(patience: Duration = .seconds(1)) {
        let clock = ContinuousClock()
        var (left, deadline) = (Int.max, clock.now + patience)
        while true {
            condition.lock()
            let now = pending.isEmpty && !isWriting ? 0 : pending.count + 1
            condition.unlock()
            if now == 0 { return }
            if now < left { (left, deadline) = (now, clock.now + patience) }
            guard clock.now < deadline else { return }
            usleep(500)
        }
    }

    private func work() {
        while true {
            condition.lock()
            while pending.isEmpty { condition.wait() }
            // A part, so that `flush` sees the rest shrink while a slow reader reads.
            let part = min(pending.count, 1 << 14)
            let text = Array(pending[..<part])
            pending.removeFirst(part)
            isWriting = true
            condition.unlock()

            let lost = write(text)
            condition.lock()
            if lost == 0, pending.isEmpty, dropped > 0 {
                pending += gap.utf8
                dropped = 0
            }
            dropped += lost
            isWriting = false
            condition.unlock()
        }
    }

    /// - Returns: the number of lines that could not be written.
    private func write(_ text: [UInt8]) -> Int {
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN {
                // Another program made the shared descriptor non-blocking.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = Foundation.poll(&entry, 1, 1000)
            } else if count == 0 || errno != EINTR {
                return max(1, rest.count { $0 == UInt8(ascii: "\n") })
            }
        }
        return 0
    }
}
