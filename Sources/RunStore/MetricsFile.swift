import Foundation
import Host

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
        let lines = try Lines(of: path)
        let later = lines.whole.firstIndex { $0.isAfter(step) } ?? lines.whole.endIndex
        let length = later < lines.whole.endIndex ? lines.whole[later].offset : lines.end
        if length < lines.length { try file.file.truncate(to: length) }
        return (file, lines.whole.count - later)
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
        return try Lines(of: path).whole.enumerated().filter { !$0.element.isHeldOut }.map { index, line in
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
    let length: Int

    init(of path: String) throws {
        let data = try Files.read(path, limit: 1 << 30)
        var lines: [Line] = []
        var start = 0
        while let newline = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Line(offset: start, text: data[start..<newline]))
            start = newline + 1
        }
        whole = lines
        end = start
        length = data.count
    }
}
