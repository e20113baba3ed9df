import Foundation
import RunStore
import TestSupport
import Testing

@testable import Coordination
@testable import Host
@testable import Service

/// `ponder` as a process of this test.
final class PonderProcess: Sendable {
    let child: ChildProcess
    let log: URL
    private let ending: Task<ChildEnding, Never>

    /// Starts it; standard output and error both go to a file in `scratch`.
    ///
    /// - Parameter wrapper: a command that starts what stands behind it.
    init(_ scratch: Scratch, wrapper: [String] = [], _ arguments: [String]) throws {
        log = scratch.url.appending(path: "\(UUID().uuidString).log")
        let child = try ChildProcess.start(wrapper + [TestProgram.ponder.path] + arguments, log: log.path)
        self.child = child
        ending = Task { await child.ending() }
    }

    // A test that failed leaves no process behind.
    deinit { child.release() }

    var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// Runs what stands behind it with a command of the shell before it.
    static func shell(_ command: String) -> [String] {
        ["/bin/sh", "-c", "\(command) && exec \"$0\" \"$@\""]
    }

    /// Its end; killed, and the test failed, after `seconds`.
    func end(within seconds: Double = 240) async -> ChildEnding {
        let killer = Task { [child] in
            try await Task.sleep(for: .seconds(seconds))
            Issue.record("ponder did not end within \(seconds) s")
            child.kill()
        }
        let end = await ending.value
        killer.cancel()
        return end
    }

    /// The object of the last line.
    func result() throws -> RunResult {
        let line = output.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
        return try RunResult(json: Data(line.utf8))
    }

    /// Direct children whose arguments contain ` worker`.
    var workers: [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(child.id)/task")) ?? []
        return tasks.flatMap { task in
            let text = try? String(contentsOfFile: "/proc/\(child.id)/task/\(task)/children", encoding: .utf8)
            return (text ?? "").split(separator: " ").compactMap { pid_t($0) }
        }.filter { Self.isWorker($0) }
    }

    static func isWorker(_ id: pid_t) -> Bool {
        let line = try? Data(contentsOf: URL(filePath: "/proc/\(id)/cmdline"))
        let words = (line ?? Data()).map { $0 == 0 ? UInt8(ascii: " ") : $0 }
        return String(decoding: words, as: UTF8.self).contains(" worker")
    }

    /// Looks every few milliseconds until something holds; the test fails when it never does.
    static func wait(
        _ what: String, within seconds: Double = 180, until holds: () throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while try !holds() {
            guard ContinuousClock.now < end else {
                Issue.record("after \(seconds) s still no \(what)")
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
