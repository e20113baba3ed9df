import Foundation
import Host

/// `metrics.jsonl`: a `StepMetrics` for each step and a `HeldOutMetrics` for each measured policy, each a line.
///
/// A line is completely in the file when `append` returns.
/// A process that is killed while it writes leaves an incomplete last line; readers skip it, and the next
/// writer removes it.
package final class MetricsFile: MetricsSink {
    private var file: OpenFile
    package private(set) var last: MetricsPosition

    /// Opens the file for appending after `step`; removes later lines and an incomplete last line.
    ///
    /// - Returns: the file, and the number of complete lines removed.
    /// - Throws: `FileError`.
    package static func open(_ run: RunDirectory, cutAfter step: Int) throws -> (file: MetricsFile, cut: Int)
    {
        let file = try openForAppending(run.metrics.path)
        let size = Int(try file.status().st_size)
        // Read from the end, so that the time does not depend on the number of steps before.
        var tail = min(size, 1 << 16)
        while true {
            let lines = Lines(try file.bytes(at: size - tail, count: tail), from: size - tail)
            let kept = lines.whole.lastIndex { $0.isKept(upTo: step) }
            if kept == nil, tail < size {
                tail = min(size, tail * 4)
                continue
            }
            let later = lines.whole[((kept ?? -1) + 1)...].firstIndex { $0.isAfter(step) }
            let length = later.map { lines.whole[$0].offset } ?? lines.end
            if length < size { try file.truncate(to: length) }
            let last = kept.flatMap { lines.whole[$0].position } ?? .start
            return (MetricsFile(file: file, last: last), later.map { lines.whole.count - $0 } ?? 0)
        }
    }

    /// Removes the older half of a file that is larger than `limit` bytes.
    ///
    /// - Throws: `FileError`; the file is then unchanged.
    package func trim(to limit: Int) throws { try trim(to: limit, files: Files()) }

    func trim(to limit: Int, files: any FileOperations) throws {
        let size = Int(try file.status().st_size)
        guard size > limit else { return }
        let tail = limit / 2
        let data = try file.bytes(at: size - tail, count: tail)
        let lines = Lines(data, from: size - tail)
        guard let first = lines.whole.first else { return }
        try files.replace(file.path, with: Data(data.suffix(size - first.offset)))
        file = try Self.openForAppending(file.path)
    }

    private static func openForAppending(_ path: String) throws(FileError) -> OpenFile {
        try OpenFile(path, O_RDWR | O_CREAT | O_APPEND)
    }

    private init(file: consuming OpenFile, last: MetricsPosition) {
        self.file = file
        self.last = last
    }

    package func append(_ line: any MetricsLine) throws {
        guard line.position > last else { return }
        try file.appendWhole(try line.json() + [UInt8(ascii: "\n")])
        last = line.position
    }

    /// Reads the steps of a live or finished run, except for an incomplete last line.
    ///
    /// - Throws: `FileError`, or `MetricsFile.Damaged` naming the line.
    package static func read(_ run: RunDirectory) throws -> [StepMetrics] {
        let path = run.metrics.path
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let lines = Lines(try Files.read(path, limit: 1 << 30), from: 0)
        return try lines.whole.enumerated().filter { $0.element.position?.kind != .evaluation }.map {
            index, line in
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
        let position: MetricsPosition?

        init(offset: Int, text: Data) {
            self.offset = offset
            self.text = text
            position = (try? RecordCoding.decode(Head.self, from: text))?.position
        }

        func isKept(upTo step: Int) -> Bool { position.map { $0.step <= step } ?? false }
        func isAfter(_ step: Int) -> Bool { position.map { $0.step > step } ?? false }
    }

    private struct Head: Decodable {
        let step: Int
        let kind: String?
        let heldoutAccuracy: Double?

        /// Lines of older runs have no `kind`.
        var position: MetricsPosition {
            let isStep = kind.map { $0 == MetricsKind.step.rawValue } ?? (heldoutAccuracy == nil)
            return MetricsPosition(step: step, kind: isStep ? .step : .evaluation)
        }
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

extension OpenFile {
    /// Appends all bytes or, when that fails, none.
    func appendWhole(_ bytes: Data) throws(FileError) {
        let length = Int(try status().st_size)
        do {
            try write(bytes)
        } catch {
            // A full disk may have left a part.
            try truncate(to: length)
            throw error
        }
    }
}
