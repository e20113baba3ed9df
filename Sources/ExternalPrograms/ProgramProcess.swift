import Foundation
import Synchronization

/// A running program: a process group of its own that this process feeds, reads, and can always end.
///
/// It is started through a shell that sets its memory limit and leaves a watcher in the group: the watcher reads a pipe
/// from this process and kills the group when that ends, so nothing outlives a parent that was killed with -9. The program
/// replaces the shell and has its process id. All descriptors on this side are non-blocking.
final class ProgramProcess {
    let id: pid_t
    let input: Int32
    let output: Int32
    let errors: Int32
    /// The watcher's pipe.
    private let leash: Int32
    private var ending: String?

    /// `$1` is the limit in KiB or `unlimited`, the rest the command; descriptor 3 is the watcher's pipe.
    private static let script = """
        { read -r line; kill -KILL 0; } <&3 >/dev/null 2>&1 &
        exec 3<&-
        ulimit -v "$1" 2>/dev/null
        shift
        exec "$@"
        """

    /// One start at a time: between making a pipe and closing it on exec, another program would inherit it, and two that hold
    /// each other's watchers would outlive everybody.
    private static let starting = Mutex(())

    /// - Parameter file: what `program.locate()` found.
    /// - Throws: `ExternalProgramError`.
    init(_ program: ExternalProgram, file: String) throws(ExternalProgramError) {
        var pipes: [Pipe] = []
        var id: pid_t = 0
        let code = Self.starting.withLock { _ in
            for _ in 0..<4 {
                guard let pipe = Pipe() else { return errno }
                pipes.append(pipe)
            }
            let memory = program.memory > 0 ? "\(program.memory << 10)" : "unlimited"
            let words = ["/bin/sh", "-c", Self.script, "sh", memory, file] + program.command.dropFirst()
            return Self.spawn(
                &id, words, [pipes[0].reading, pipes[1].writing, pipes[2].writing, pipes[3].reading])
        }
        guard code == 0 else {
            for pipe in pipes { for end in [pipe.reading, pipe.writing] { close(end) } }
            throw ExternalProgramError(
                program.command,
                "the system starts no process: \(String(cString: strerror(code))); `ulimit -a` shows the limits"
            )
        }
        for end in [pipes[0].reading, pipes[1].writing, pipes[2].writing, pipes[3].reading] { close(end) }
        self.id = id
        (input, output) = (pipes[0].writing, pipes[1].reading)
        (errors, leash) = (pipes[2].reading, pipes[3].writing)
        for end in [input, output, errors] { Pipe.unblock(end) }
    }

    deinit { for end in [input, output, errors, leash] { close(end) } }

    /// Ends the whole group and says how the program itself ended; the first call decides.
    ///
    /// - Parameter grace: how long it may take to end by itself, so that its own reason is told and not the kill.
    @discardableResult
    func end(grace: Duration = .zero) -> String {
        if let ending { return ending }
        let deadline = ContinuousClock.now + grace
        var information = siginfo_t()
        while ContinuousClock.now < deadline {
            // Looks without reaping: the group keeps its number until it has been killed.
            let looked = waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT | WNOHANG)
            if looked == 0, information.si_signo == SIGCHLD { break }
            usleep(2000)
        }
        kill(-id, SIGKILL)
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let text = signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
        ending = text
        return text
    }

    private static func spawn(_ id: inout pid_t, _ words: [String], _ descriptors: [Int32]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
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
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&id, words[0], &actions, &attributes, &arguments, environ)
    }
}

/// Two ends that no program inherits by accident.
struct Pipe {
    let reading: Int32
    let writing: Int32

    /// Nil when the process has no descriptors left; `errno` says so.
    init?() {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    static func unblock(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
}
