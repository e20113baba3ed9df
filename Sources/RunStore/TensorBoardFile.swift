import Foundation
import Host

/// The event files in a run's folder `tensorboard`: `tensorboard --logdir runs`.
///
/// Every start of a coordinator begins a file with its first line, and says in it from which step on the files before
/// do not count. TensorBoard then shows no step twice, even while it watches the folder.
package final class TensorBoardFile: MetricsSink {
    private let folder: URL
    /// Nil until the next line begins a file.
    private var file: OpenFile?
    package private(set) var last: MetricsPosition

    /// - Parameter step: the step from which the run goes on; later events do not count.
    /// - Throws: `FileError`.
    package init(_ run: RunDirectory, cutAfter step: Int) throws {
        folder = run.tensorboard
        last = .end(of: step)
        for earlier in try Self.files(in: folder).reversed() {
            let records = TensorBoardRecords(try Files.read(earlier.path, limit: 1 << 32))
            if let found = records.last {
                last = min(last, found)
                return
            }
            if let restart = records.restart { last = min(last, .end(of: restart - 1)) }
        }
        last = .start
    }

    package func append(_ line: any MetricsLine) throws {
        guard line.position > last else { return }
        let event = TensorBoardEvent.scalars(step: line.step, try line.scalars()).record(time: line.time)
        if file == nil {
            try begin(with: event, time: line.time)
        } else {
            try file?.appendWhole(Data(event))
        }
        last = line.position
    }

    private func begin(with event: [UInt8], time: Double) throws {
        try makeFolder()
        let name = try Self.files(in: folder).last?.lastPathComponent ?? ""
        let number = (name.split(separator: ".").dropLast().last.flatMap { Int($0) } ?? 0) + 1
        let path = folder.appending(path: String(format: "events.out.tfevents.%010d.ponder", number)).path
        let new = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
        let start: [TensorBoardEvent] = [.version, .restart(step: last.step + 1)]
        do {
            try new.appendWhole(Data(start.flatMap { $0.record(time: time) } + event))
        } catch {
            // The next attempt begins another one.
            try Files().remove(path)
            throw error
        }
        file = consume new
    }

    private func makeFolder() throws {
        guard !FileManager.default.fileExists(atPath: folder.path) else { return }
        try Files().makeDirectory(folder.path)
    }

    /// Removes the oldest files; a file that has half of `limit` is not added to.
    package func trim(to limit: Int) throws {
        if let size = try file?.status().st_size, Int(size) > limit / 2 { file = nil }
        let files = try Self.files(in: folder)
        let sizes = try files.map { Int(try OpenFile($0.path, O_RDONLY).status().st_size) }
        var total = sizes.reduce(0, +)
        for (file, size) in zip(files, sizes).dropLast() where total > limit {
            try Files().remove(file.path)
            total -= size
        }
    }

    /// The event files in the order in which TensorBoard reads them, that of their names.
    private static func files(in folder: URL) throws -> [URL] {
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw FileError(error, operation: "read", path: folder.path)
        }
        return names.filter { $0.contains(".tfevents.") }.sorted().map { folder.appending(path: $0) }
    }
}
