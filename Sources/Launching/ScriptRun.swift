import Foundation
import Synchronization

/// A shell script that runs as a child in a process group of its own, its output told line by line.
///
/// Its own group, so that an interrupt typed at the terminal reaches the launcher alone, which ends things in order.
package final class ScriptRun: Sendable {
    /// Standard output and error, in the order in which they came; ends when the script and its children have.
    package let lines: AsyncStream<String>
    let process: pid_t
    private let state: Mutex<State>

    private struct State {
        var status: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private init(id: pid_t, output: Int32) {
        process = id
        state = Mutex(State())
        let (stream, lines) = AsyncStream<String>.makeStream()
        self.lines = stream
        let thread = Thread { [self] in
            Self.read(output) { lines.yield($0) }
            close(output)
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7F
            let code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
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
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failure("make a pipe", errno) }
        // Close-on-exec, or a later child would hold this one's output open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let arguments: [String] = ["/bin/sh", "-c", script]
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, "/bin/sh", &actions, &attributes, &words, environ)
        guard code == 0 else {
            close(ends[0])
            throw failure("start /bin/sh", code)
        }
        return ScriptRun(id: id, output: ends[0])
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

    /// Ends the script and what it started here.
    package func kill() {
        // Under the lock: a group that was waited for may be somebody else's.
        state.withLock { state in
            if state.status == nil { _ = Foundation.kill(-process, SIGTERM) }
        }
    }

    private static func read(_ descriptor: Int32, _ body: (String) -> Void) {
        // A line longer than this is told in pieces, so that a stream without line ends costs no memory.
        let longest = 1 << 16
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        var line: [UInt8] = []
        while true {
            let count = Foundation.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in bytes[..<count] {
                if byte == UInt8(ascii: "\n") || line.count >= longest {
                    body(String(decoding: line, as: UTF8.self))
                    line.removeAll(keepingCapacity: true)
                }
                if byte != UInt8(ascii: "\n") { line.append(byte) }
            }
        }
        if !line.isEmpty { body(String(decoding: line, as: UTF8.self)) }
    }

    private static func failure(_ operation: String, _ code: Int32) -> LaunchError {
        LaunchError(.failed, "cannot \(operation): \(String(cString: strerror(code)))")
    }
}
