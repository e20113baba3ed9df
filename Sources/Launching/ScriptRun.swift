import Foundation
import Host
import Primitives
import Synchronization

/// A shell script that runs as a child in a process group of its own, and its output line by line.
///
/// The group keeps an interrupt typed at the terminal from the script; the launcher receives it and ends everything in order.
package final class ScriptRun: Sendable {
    /// Standard output and error, in the order in which they came; ends when the script and its children have.
    package let lines: AsyncStream<String>
    private let child: OwnChild
    private let state: Mutex<State>

    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private init(id: pid_t, output: Int32) {
        child = OwnChild(id)
        state = Mutex(State())
        let (stream, lines) = AsyncStream<String>.makeStream()
        self.lines = stream
        let thread = Thread { [self] in
            Self.read(output) { lines.yield($0) }
            close(output)
            let code = child.wait().shellCode
            let waiting = state.withLock { state in
                state.status = code
                return state.waiting
            }
            lines.finish()
            for one in waiting { one.resume(returning: code) }
        }
        thread.name = "ponder-script"
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Starts `/bin/sh` on a script with an empty standard input.
    ///
    /// - Throws: `LaunchError` when the system starts no more processes.
    package static func start(_ script: String) throws -> ScriptRun {
        do {
            let empty = try OpenFile("/dev/null", O_RDONLY)
            let output = try PipeEnds()
            defer { close(output.writing) }
            do throws(SystemError) {
                let id = try startChild(
                    ["/bin/sh", "-c", script], descriptors: [empty.descriptor, output.writing, output.writing])
                return ScriptRun(id: id, output: output.reading)
            } catch {
                close(output.reading)
                throw error
            }
        } catch {
            throw LaunchError(.failed, "\(error)")
        }
    }

    /// Runs a script to its end.
    ///
    /// - Returns: its exit code (128 + the signal when one ended it) and its lines.
    package static func output(of script: String) async throws -> (code: Int32, lines: [String]) {
        let run = try start(script)
        var lines: [String] = []
        for await line in run.lines { lines.append(line) }
        return (await run.ending(), lines)
    }

    /// Waits for the end; the script's exit code, or 128 + the signal that ended it.
    package func ending() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    var process: pid_t { child.id }

    /// Ends the script and what it started here.
    package func kill() { child.signal(SIGTERM, group: true) }

    private static func read(_ descriptor: Int32, _ body: (String) -> Void) {
        func tell(_ line: [UInt8]) { body(String(decoding: line, as: UTF8.self)) }
        // A longer line is delivered in pieces, so that a stream without line feeds needs little memory.
        var buffer = LineBuffer(limit: 1 << 16)
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = Foundation.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            buffer.append(bytes[..<count])
            do {
                while let line = try buffer.next() { tell(line) }
            } catch {
                tell(buffer.takeRest())
            }
        }
        let rest = buffer.takeRest()
        if !rest.isEmpty { tell(rest) }
    }
}
