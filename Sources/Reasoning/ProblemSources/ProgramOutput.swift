import Foundation

/// Runs a program and reads what it writes to its standard output, within limits of size and time.
///
///     try ProgramOutput.read(["gzip", "-dc"], input: "p.jsonl.gz", limit: 256 << 20, seconds: 60)
///
/// The program has a process group of its own, which is killed when a limit is reached, and in any case at the end: nothing
/// that it started outlives the call.
enum ProgramOutput {
    /// Why a program's output cannot be used.
    enum Failure: Error, Sendable, Hashable {
        case notFound
        case notStarted(reason: String)
        case tooLarge(limit: Int)
        case timedOut(seconds: Double)
        /// It did not end with 0; `said` is the last line that it wrote to its standard error.
        case failed(ending: String, said: String)
    }

    /// Bytes of standard error that are kept, the last ones.
    private static let errorLimit = 4096

    /// - Parameters:
    ///   - arguments: the program, looked for in `PATH`, and its arguments.
    ///   - input: the file that it reads as standard input; nil for none.
    static func read(
        _ arguments: [String], input: String? = nil, limit: Int, seconds: Double
    ) throws(Failure) -> Data {
        let child = try SpawnedProgram(arguments, input: input ?? "/dev/null")
        let deadline = ContinuousClock.now + .seconds(seconds)
        defer { child.end() }
        var output = Data()
        var errors = Data()
        var open = [child.output, child.errors]
        while !open.isEmpty {
            var waiting = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard try wait(for: &waiting, until: deadline) else { throw .timedOut(seconds: seconds) }
            for entry in waiting where entry.revents != 0 {
                let part = child.part(of: entry.fd)
                if part.isEmpty { open.removeAll { $0 == entry.fd } }
                if entry.fd == child.output { output += part } else { errors += part }
            }
            guard output.count <= limit else { throw .tooLarge(limit: limit) }
            errors = errors.suffix(errorLimit)
        }
        while true {
            if let ending = child.ending() {
                guard ending == "exit code 0" else { throw .failed(ending: ending, said: lastLine(errors)) }
                return output
            }
            guard ContinuousClock.now < deadline else { throw .timedOut(seconds: seconds) }
            usleep(2000)
        }
    }

    /// False when the deadline comes first.
    private static func wait(
        for entries: inout [pollfd], until deadline: ContinuousClock.Instant
    ) throws(Failure) -> Bool {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            let (whole, part) = left.components
            let milliseconds = Int32(clamping: whole * 1000 + part / 1_000_000_000_000_000 + 1)
            let ready = poll(&entries, nfds_t(entries.count), min(milliseconds, 60_000))
            if ready > 0 { return true }
            guard ready == 0 || errno == EINTR else {
                throw .notStarted(reason: String(cString: strerror(errno)))
            }
        }
    }

    private static func lastLine(_ bytes: Data) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.last { !String($0).isBlank }.map { String($0.suffix(300)) } ?? ""
    }
}

/// A started program and the two pipes that it writes to.
private final class SpawnedProgram {
    let output: Int32
    let errors: Int32
    private let id: pid_t
    private var status: Int32?

    init(_ arguments: [String], input: String) throws(ProgramOutput.Failure) {
        func failed(_ code: Int32) -> ProgramOutput.Failure {
            .notStarted(reason: String(cString: strerror(code)))
        }
        guard let program = arguments.first, !program.isEmpty else { throw .notFound }
        let file = open(input, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failed(errno) }
        defer { close(file) }
        var ends: [Int32] = [-1, -1, -1, -1]
        let made = ends.withUnsafeMutableBufferPointer { ends in
            guard let first = ends.baseAddress else { return false }
            return pipe(first) == 0 && pipe(first + 2) == 0
        }
        guard made else {
            let code = errno
            for end in ends where end >= 0 { close(end) }
            throw failed(code)
        }
        // Close-on-exec, or a program that is started beside this one would keep the pipes open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { for end in [ends[1], ends[3]] { close(end) } }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(file, STDIN_FILENO), (ends[1], STDOUT_FILENO), (ends[3], STDERR_FILENO)] {
            posix_spawn_file_actions_adddup2(&actions, from, to)
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
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, &attributes, &words, environ)
        guard code == 0 else {
            for end in [ends[0], ends[2]] { close(end) }
            if code == ENOENT { throw .notFound }
            throw failed(code)
        }
        self.id = id
        output = ends[0]
        errors = ends[2]
    }

    /// What a pipe holds; empty at its end.
    func part(of pipe: Int32) -> Data {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(pipe, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return Data(buffer.prefix(max(0, count)))
        }
    }

    /// How it ended; nil while it runs.
    func ending() -> String? {
        if status == nil {
            var found: Int32 = 0
            guard waitpid(id, &found, WNOHANG) == id else { return nil }
            status = found
        }
        return status.map { status in
            let signal = status & 0x7F
            return signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
        }
    }

    /// Kills whatever is left of it, and waits for it.
    func end() {
        kill(-id, SIGKILL)
        if status == nil {
            var found: Int32 = 0
            while waitpid(id, &found, 0) < 0, errno == EINTR {}
        }
        close(output)
        close(errors)
    }
}
