/// Cuts a stream of bytes into lines, holding no more than one that is not complete yet.
struct LineBuffer {
    /// In bytes, without the line feed.
    let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// A line that grew beyond the limit.
    struct TooLong: Error {}

    /// Takes bytes in and gives the lines that they complete.
    ///
    /// - Throws: `TooLong`; nothing that comes after it makes sense.
    mutating func take(_ chunk: some Collection<UInt8>) throws(TooLong) -> [[UInt8]] {
        bytes.append(contentsOf: chunk)
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 10) {
            guard end - start <= limit else { throw TooLong() }
            lines.append(Array(bytes[start..<end]))
            start = end + 1
        }
        if start > 0 { bytes.removeFirst(start) }
        guard bytes.count <= limit else { throw TooLong() }
        return lines
    }

    /// What came after the last line feed.
    var rest: [UInt8] { bytes }
}
