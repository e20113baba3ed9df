private import Foundation

/// Cuts a stream of bytes into lines, and holds at most one line that is not complete yet.
///
///     var buffer = LineBuffer(limit: 1 << 16)
///     buffer.append(chunk)
///     while let line = try buffer.next() { … }
package struct LineBuffer: Sendable {
    /// Bytes of the longest line, without its line feed.
    private let limit: Int
    private var bytes: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// No line feed lies between `start` and here.
    private var searched = 0

    package init(limit: Int) { self.limit = limit }

    /// A line has more bytes than the limit.
    package struct TooLong: Error {}

    package mutating func append(_ chunk: some Collection<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes.append(contentsOf: chunk)
    }

    /// The next complete line without its line feed; nil when there is none yet.
    ///
    /// - Throws: `TooLong`, also for a line that is not complete yet. `takeRest` removes it.
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

    /// Removes and returns everything that is held.
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
