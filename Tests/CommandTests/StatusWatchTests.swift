import Foundation
import RunStore
import Settings
import TestSupport
import Testing

@testable import ponder

/// `ponder status --watch` on a terminal.
@Suite struct StatusWatchTests {
    @Test
    func `a storm of resizes neither breaks the screen nor ends the watch, and the run does not notice`()
        async throws
    {
        let scratch = try Scratch()
        let run = RunDirectory(root: scratch.url.appending(path: "run"))
        _ = try RunDirectory.prepare(at: run.root)
        let lock = try RunLock.acquire(run)
        try run.start(RunConfiguration(), identity: RunIdentity(created: Date()))
        let records = try RunDatabase.open(run)
        try records.record(.phase, "running", time: 1)

        let terminal = try Terminal()
        let child = Process()
        child.executableURL = TestProgram.ponder
        child.arguments = ["status", "--run", run.root.path, "--watch"]
        child.environment = ProcessInfo.processInfo.environment.merging(["TERM": "xterm"]) { $1 }
        child.standardOutput = terminal.end
        try child.run()
        var step = 0
        // Until the third frame; each step is written while the terminal changes its size.
        while terminal.text.components(separatedBy: "\u{1B}[H").count < 4, step < 3000 {
            terminal.resize(columns: .random(in: 1...200), rows: .random(in: 1...60))
            kill(child.processIdentifier, SIGWINCH)
            step += 1
            try records.record(
                StepMetrics(step: step, incarnation: 1, time: Double(step)), groups: [], traceLimit: 0)
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(step < 3000 && child.isRunning)
        try records.record(.phase, "done", time: 2)
        while child.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        #expect(child.terminationStatus == 0)
        #expect(try records.steps().count == step)
        lock.release()

        let text = terminal.text
        let frames = text.components(separatedBy: "\u{1B}[H").dropFirst()
        #expect(text.hasPrefix("\u{1B}[?1049h") && frames.allSatisfy { $0.contains("\u{1B}[J") })
        // The first screen comes back, with the last status on it.
        let after = try #require(text.components(separatedBy: "\u{1B}[?1049l").last)
        #expect(after.hasPrefix("done  step \(step) of") && !after.contains("\u{1B}"))
    }

    /// A terminal that collects what is written to it.
    private final class Terminal: @unchecked Sendable {
        let end: FileHandle
        private let master: Int32
        private let lock = NSLock()
        private var bytes: [UInt8] = []

        init() throws {
            master = posix_openpt(O_RDWR | O_NOCTTY)
            guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else {
                throw CocoaError(.featureUnsupported)
            }
            end = FileHandle(fileDescriptor: open(name, O_RDWR | O_NOCTTY), closeOnDealloc: true)
            Thread { [self] in
                var chunk = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = read(master, &chunk, chunk.count)
                    guard count > 0 else { return }
                    lock.withLock { bytes += chunk[..<count] }
                }
            }.start()
        }

        var text: String { lock.withLock { String(decoding: bytes, as: UTF8.self) } }

        func resize(columns: Int, rows: Int) {
            var size = winsize()
            (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
            ioctl(master, UInt(TIOCSWINSZ), &size)
        }
    }
}
