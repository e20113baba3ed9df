private import Foundation

/// Splits a stream of bytes into lines, and limits the length of a line.
///
///     var buffer = LineBuffer(limit: 1 << 16)
///     buffer.append(chunk)
///     while let line = try buffer.next() { … }
package struct LineBuffer: Sendable {
    /// Maximum length of a line in bytes, without its line feed.
    private let limit: Int
    private var bytes: [UInt8] = []
    /// Start of the next line.
    private var start = 0
    /// There is no line feed between `start` and this index.
    private var searched = 0

    package init(limit: Int) { self.limit = limit }

    /// A line is longer than the limit.
    package struct TooLong: Error {}

    package mutating func append(_ chunk: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: chunk)
    }

    /// The next complete line without its line feed; nil when no complete line is there.
    ///
    /// - Throws: `TooLong`, also for an incomplete line. `takeRest` empties the buffer.
    package mutating func next() throws(TooLong) -> [UInt8]? {
        guard let end = lineFeed() else {
            guard bytes.count - start <= limit else { throw TooLong() }
            return nil
        }
        guard end - start <= limit else { throw TooLong() }
        defer {
            start = end + 1
            searched = start
        }
        return Array(bytes[start..<end])
    }

    /// Whether the next line is complete.
    package mutating func holdsLine() -> Bool { lineFeed() != nil }

    /// Removes and returns all bytes in the buffer.
    package mutating func takeRest() -> [UInt8] {
        defer { self = LineBuffer(limit: limit) }
        return Array(bytes[start...])
    }

    private mutating func lineFeed() -> Int? {
        let found = bytes.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, searched < bytes.count else { return nil }
            return memchr(base + searched, 10, bytes.count - searched).map { base.distance(to: $0) }
        }
        searched = found ?? bytes.count
        return found
    }
}
