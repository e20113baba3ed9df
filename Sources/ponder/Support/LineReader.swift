import Foundation

/// The lines of a file descriptor, one after another, none longer than a limit.
final class LineReader {
    /// In bytes.
    static let lineLimit = 16 << 20
    private static let chunk = 1 << 18

    private let descriptor: Int32
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var searched = 0
    private var hasEnded = false
    /// Of the line that was read last, from 1.
    private(set) var number = 0

    init(_ descriptor: Int32 = STDIN_FILENO, limit: Int = lineLimit) {
        self.descriptor = descriptor
        self.limit = limit
    }

    /// The next line without its line feed; nil at the end.
    ///
    /// - Parameter beforeWaiting: called before a read, which may wait for whoever writes the lines.
    func next(beforeWaiting: () throws -> Void = {}) throws -> Data? {
        while true {
            if let end = lineFeed() {
                defer {
                    start = end + 1
                    searched = start
                }
                return line(to: end)
            }
            guard buffer.count - start <= limit else {
                throw CommandFailure(
                    .usage, "standard input, line \(number + 1): longer than \(limit) bytes; shorten it")
            }
            if hasEnded {
                guard start < buffer.count else { return nil }
                defer {
                    start = buffer.count
                    searched = start
                }
                return line(to: buffer.count)
            }
            try beforeWaiting()
            try fill()
        }
    }

    /// Whether the next line is complete already.
    var holdsLine: Bool { lineFeed() != nil }

    private func line(to end: Int) -> Data {
        number += 1
        return buffer.withUnsafeBytes { Data($0[start..<end]) }
    }

    private func lineFeed() -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, searched < bytes.count,
                let found = memchr(base + searched, 10, bytes.count - searched)
            else {
                searched = bytes.count
                return nil
            }
            return base.distance(to: UnsafeRawPointer(found))
        }
    }

    private func fill() throws {
        if start > 0 {
            buffer.removeFirst(start)
            searched -= start
            start = 0
        }
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
        var count: Int
        repeat {
            count = buffer.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress.map { $0 + old }, Self.chunk)
            }
        } while count < 0 && errno == EINTR
        buffer.removeLast(Self.chunk - max(0, count))
        guard count >= 0 else {
            throw CommandFailure(
                .failed, "standard input cannot be read: \(String(cString: strerror(errno)))")
        }
        hasEnded = count == 0
    }
}
