import Foundation
import Primitives

/// The lines of a file descriptor, one after another, none longer than a limit.
final class LineReader {
    /// Longest line in bytes.
    static let lineLimit = 16 << 20
    private static let chunk = 1 << 18

    private let descriptor: Int32
    private let limit: Int
    private var buffer: LineBuffer
    private var hasEnded = false
    /// Number of the line that was read last, from 1.
    private(set) var number = 0

    init(_ descriptor: Int32 = STDIN_FILENO, limit: Int = lineLimit) {
        self.descriptor = descriptor
        self.limit = limit
        buffer = LineBuffer(limit: limit)
    }

    /// The next line without its line feed; nil at the end.
    ///
    /// - Parameter beforeWaiting: called before a read, which may wait for the writer of the lines.
    func next(beforeWaiting: () throws -> Void = {}) throws -> Data? {
        while true {
            do throws(LineBuffer.TooLong) {
                if let line = try buffer.next() { return counted(line) }
            } catch {
                throw CommandFailure(
                    .usage, "standard input, line \(number + 1): longer than \(limit) bytes; shorten it")
            }
            if hasEnded {
                let rest = buffer.takeRest()
                return rest.isEmpty ? nil : counted(rest)
            }
            try beforeWaiting()
            try fill()
        }
    }

    /// Whether the whole next line has been read already.
    var holdsLine: Bool { buffer.holdsLine() }

    private func counted(_ line: [UInt8]) -> Data {
        number += 1
        return Data(line)
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: Self.chunk)
        var count: Int
        repeat { count = read(descriptor, &chunk, chunk.count) } while count < 0 && errno == EINTR
        guard count >= 0 else {
            throw CommandFailure(
                .failed, "standard input cannot be read: \(String(cString: strerror(errno)))")
        }
        buffer.append(chunk[..<count])
        hasEnded = count == 0
    }
}
