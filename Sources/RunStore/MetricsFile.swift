import Foundation
package import Host

/// A line of `metrics.jsonl`.
package protocol MetricsLine: Encodable, Sendable {
    /// Number of optimizer steps done.
    var step: Int { get }
}

extension StepMetrics: MetricsLine {}
extension HeldOutMetrics: MetricsLine {}

/// `metrics.jsonl`: a `StepMetrics` for each step and a `HeldOutMetrics` for each measured policy, each a line.
///
/// A line is completely in the file when `append` returns.
/// A process that is killed while it writes leaves an incomplete last line; readers skip it, and the next
/// writer removes it.
package final class MetricsFile {
    private let file: OpenFile

    /// Opens the file for appending after `step`; removes later lines and an incomplete last line.
    ///
    /// The held-out figures of `step` are removed too, because a run that goes on from there adds them again.
    ///
    /// - Returns: the file, and the number of complete lines removed.
    /// - Throws: `FileError`.
    package static func open(_ run: RunDirectory, cutAfter step: Int) throws -> (file: MetricsFile, cut: Int)
    {
        let path = run.metrics.path
        let file = MetricsFile(file: try OpenFile(path, O_RDWR | O_CREAT | O_APPEND))
        let size = Int(try file.file.status().st_size)
        // Read from the end, so that the time does not depend on the number of steps before.
        var tail = min(size, 1 << 16)
        while true {
            let lines = Lines(try file.file.bytes(at: size - tail, count: tail), from: size - tail)
            let kept = lines.whole.lastIndex { $0.isKept(upTo: step) }
            if kept == nil, tail < size {
                tail = min(size, tail * 4)
                continue
            }
            let later = lines.whole[((kept ?? -1) + 1)...].firstIndex { $0.isAfter(step) }
            let length = later.map { lines.whole[$0].offset } ?? lines.end
            if length < size { try file.file.truncate(to: length) }
            return (file, later.map { lines.whole.count - $0 } ?? 0)
        }
    }

    /// Removes the older half of a file that is larger than `limit` bytes.
    ///
    /// - Returns: the file that later lines belong to.
    /// - Throws: `FileError`; the file is then unchanged.
    package func trimmed(_ run: RunDirectory, to limit: Int, files: any FileOperations = Files()) throws
        -> MetricsFile
    {
        let size = Int(try file.status().st_size)
        guard size > limit else { return self }
        let tail = limit / 2
        let data = try file.bytes(at: size - tail, count: tail)
        let lines = Lines(data, from: size - tail)
        guard let first = lines.whole.first else { return self }
        try files.replace(run.metrics.path, with: Data(data.suffix(size - first.offset)))
        return MetricsFile(file: try OpenFile(run.metrics.path, O_RDWR | O_CREAT | O_APPEND))
    }

    private init(file: consuming OpenFile) { self.file = file }

    /// Appends one line.
    ///
    /// - Throws: `FileError`; the file is then unchanged, and the line may be appended again.
    package func append(_ metrics: any MetricsLine) throws {
        var line = try RecordCoding.encode(metrics)
        line.append(UInt8(ascii: "\n"))
        let length = Int(try file.status().st_size)
        do {
            try file.write(line)
        } catch {
            // A full disk may have left a part of the line.
            try file.truncate(to: length)
            throw error
        }
    }

    /// Reads the steps of a live or finished run, except for an incomplete last line.
    ///
    /// - Throws: `FileError`, or `MetricsFile.Damaged` naming the line.
    package static func read(_ run: RunDirectory) throws -> [StepMetrics] {
        let path = run.metrics.path
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let lines = Lines(try Files.read(path, limit: 1 << 30), from: 0)
        return try lines.whole.enumerated().filter { !$0.element.isHeldOut }.map { index, line in
            do {
                return try StepMetrics.read(line.text)
            } catch {
                throw Damaged(path: path, line: index + 1)
            }
        }
    }

    /// A line that is not one step's metrics.
    package struct Damaged: Error, Sendable, Hashable, CustomStringConvertible {
        package let path: String
        /// Line number, from 1.
        package let line: Int

        package var description: String { "\(path):\(line) is damaged; run.sqlite has the same figures" }
    }
}

/// The lines of a metrics file with their positions.
private struct Lines {
    struct Line {
        let offset: Int
        let text: Data
        /// Nil for a damaged line, which stays in the file for people to inspect.
        private var head: Head? { try? RecordCoding.decode(Head.self, from: text) }
        var isHeldOut: Bool { head?.heldoutAccuracy != nil }

        func isKept(upTo step: Int) -> Bool { head != nil && !isAfter(step) }

        func isAfter(_ step: Int) -> Bool {
            guard let head else { return false }
            return head.heldoutAccuracy == nil ? head.step > step : head.step >= step
        }
    }

    private struct Head: Decodable {
        let step: Int
        let heldoutAccuracy: Double?
    }

    /// The lines that end with a newline.
    let whole: [Line]
    /// End of the last complete line, in bytes.
    let end: Int

    /// - Parameters:
    ///   - data: the end of the file.
    ///   - start: position of `data` in the file; a line that begins before it is left out.
    init(_ data: Data, from start: Int) {
        var lines: [Line] = []
        var next = data.startIndex
        if start > 0 {
            next = data.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.endIndex
        }
        while let newline = data[next...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Line(offset: start + (next - data.startIndex), text: data[next..<newline]))
            next = newline + 1
        }
        whole = lines
        end = start + (next - data.startIndex)
    }
}
