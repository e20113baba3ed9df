import Foundation
import Processes
import Reasoning

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
        let file = open(input, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .notStarted(reason: SystemError("open \(input)", errno).reason) }
        defer { close(file) }
        var pipes: [PipeEnds] = []
        // What is written to them comes from the program alone.
        defer { for pipe in pipes { close(pipe.writing) } }
        do throws(SystemError) {
            for _ in 0..<2 { pipes.append(try PipeEnds()) }
            id = try startChild(
                arguments, descriptors: [file, pipes[0].writing, pipes[1].writing], searching: true)
        } catch {
            for pipe in pipes { close(pipe.reading) }
            throw error.code == ENOENT ? .notFound : .notStarted(reason: error.reason)
        }
        (output, errors) = (pipes[0].reading, pipes[1].reading)
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
        return status.map { "\(ChildEnding(waitStatus: $0))" }
    }

    /// Kills whatever is left of it, and waits for it.
    func end() {
        kill(-id, SIGKILL)
        if status == nil { _ = ChildEnding(waitingFor: id) }
        close(output)
        close(errors)
    }
}
