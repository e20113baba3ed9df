import Foundation
import Synchronization

/// A direct child that holds a pipe from this process: when this process ends, however it ends, the child reads the end
/// of its standard input.
///
/// Foundation's `Process` is not used: it offers no process group of the child's own and no clean signal mask.
final class ChildProcess: Sendable {
    let id: pid_t
    /// The end of the pipe that the child waits on; closing it tells the child to end.
    private let leash: Mutex<Int32?>

    private init(id: pid_t, leash: Int32) {
        self.id = id
        self.leash = Mutex(leash)
    }

    /// How a child ended.
    enum Ending: Sendable, Hashable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        init(waitStatus: Int32) {
            let signal = waitStatus & 0x7F
            self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
        }

        var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .signalled(SIGKILL): "killed by signal 9 (by hand, or out of memory: `dmesg` says)"
            case .signalled(let signal): "killed by signal \(signal)"
            }
        }
    }

    /// A child that could not be started.
    struct StartFailure: Error, Sendable, CustomStringConvertible {
        let description: String
    }

    /// Starts `arguments[0]`; its standard output and error are appended to `log`.
    static func start(_ arguments: [String], log: String) throws -> ChildProcess {
        let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("open \(log)", errno) }
        defer { close(file) }
        var ends: [Int32] = [0, 0]
        // Close-on-exec, or a later child would hold this one's leash.
        guard pipe(&ends) == 0 else { throw failure("make a pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, file, STDERR_FILENO)

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
        // A group of its own: an interrupt typed at the terminal is for the coordinator, which tells the workers.
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, arguments[0], &actions, &attributes, &words, environ)
        guard code == 0 else {
            close(ends[1])
            throw failure("start \(arguments[0])", code)
        }
        return ChildProcess(id: id, leash: ends[1])
    }

    /// Tells the child to end by closing its pipe; harmless when called again.
    func release() {
        if let end = leash.withLock({ $0.take() }) { close(end) }
    }

    /// Waits for the end on a thread of its own.
    func ending() async -> Ending {
        await withCheckedContinuation { continuation in
            let thread = Thread { [id] in
                var status: Int32 = 0
                while waitpid(id, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: Ending(waitStatus: status))
            }
            thread.name = "ponder-child"
            thread.stackSize = 256 << 10
            thread.start()
        }
    }

    private static func failure(_ operation: String, _ code: Int32) -> StartFailure {
        StartFailure(description: "cannot \(operation): \(String(cString: strerror(code)))")
    }
}
