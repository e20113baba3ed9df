import Foundation
import Host
import Reinforcement
import Testing

@testable import RunStore

/// A real file system of 4 MB: FAULTS row 37.
@Suite(.serialized, .enabled(if: TinyDisk.isPossible, "mounting a tmpfs needs root and CAP_SYS_ADMIN"))
struct FullDiskTests {
    @Test func `a full disk refuses the checkpoint, keeps the old one, and the next write succeeds`() throws {
        let disk = try TinyDisk(megabytes: 4)
        let run = RunDirectory(root: disk.url)
        let store = CheckpointStore(run: run, keep: 2)
        try store.writeSample(step: 1, bytes: 400_000)
        let ballast = disk.url.appending(path: "ballast")
        try Data(count: 2_300_000).write(to: ballast)
        #expect {
            try store.writeSample(step: 2, bytes: 600_000)
        } throws: {
            ($0 as? CheckpointWriteFailure)?.isDiskFull == true && "\($0)".contains("free space")
        }
        #expect(try store.newest()?.state.step == 1)
        #expect(store.names == ["step-000001"])
        try FileManager.default.removeItem(at: ballast)
        try store.writeSample(step: 2, bytes: 600_000)
        #expect(try store.newest()?.state.step == 2)
    }

    @Test func `a full disk refuses a step's record and its metrics, and both can be repeated`() throws {
        let disk = try TinyDisk(megabytes: 4)
        let run = RunDirectory(root: disk.url)
        let database = try RunDatabase.open(run)
        try database.record(.sample(step: 1), groups: [], traceLimit: 0)
        let metrics = try MetricsFile.open(run, cutAfter: 0).file
        try metrics.append(StepMetrics.sample(step: 1))
        let ballast = try disk.fill()
        let big = TraceGroup.sample(version: 1, samples: 64, response: String(repeating: "x", count: 4000))
        #expect {
            try database.record(.sample(step: 2), groups: [big], traceLimit: 64)
        } throws: {
            ($0 as? RunDatabaseError)?.kind == .diskFull
        }
        // The first lines may still have room in the file's last block.
        var step = 2
        #expect {
            while step < 1000 {
                try metrics.append(StepMetrics.sample(step: step))
                step += 1
            }
        } throws: {
            ($0 as? FileError)?.isDiskFull == true
        }
        #expect(try database.steps().map(\.step) == [1])
        #expect(try MetricsFile.read(run).map(\.step) == Array(1..<step))
        try FileManager.default.removeItem(at: ballast)
        try database.record(.sample(step: 2), groups: [big], traceLimit: 64)
        try metrics.append(StepMetrics.sample(step: step))
        #expect(try database.steps().map(\.step) == [1, 2])
        #expect(try MetricsFile.read(run).map(\.step) == Array(1...step))
        try database.close()
    }
}

/// A tmpfs of a few megabytes, unmounted when let go.
final class TinyDisk {
    let url: URL

    static let isPossible: Bool = (try? TinyDisk(megabytes: 1)) != nil

    init(megabytes: Int) throws {
        url = FileManager.default.temporaryDirectory.appending(
            path: "ponder-disk-\(UUID().uuidString.lowercased())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        guard mount("tmpfs", url.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            let code = errno
            try? FileManager.default.removeItem(at: url)
            throw FileError(operation: "mount a tmpfs at", path: url.path, code: code)
        }
    }

    deinit {
        // Lazily: a database that a failed test left open must not keep the mount.
        umount2(url.path, Int32(2))
        try? FileManager.default.removeItem(at: url)
    }

    /// Writes until nothing is left.
    func fill() throws -> URL {
        let ballast = url.appending(path: "ballast")
        let file = open(ballast.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw FileError(operation: "create", path: ballast.path, code: errno) }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) > 0 {}
        return ballast
    }
}
