package import Foundation
import Host

/// Runs a program and reads its standard output, within limits of size and time.
///
///     try ProgramOutput.read(["gzip", "-dc"], input: "p.jsonl.gz", limit: 256 << 20, seconds: 60)
///
/// The program has a process group of its own, which is killed at the end of the call, so nothing that the
/// program started outlives it.
package enum ProgramOutput {
    /// Why a program's output cannot be used.
    package enum Failure: Error, Sendable, Hashable {
        case notFound
        case notStarted(reason: String)
        case tooLarge(limit: Int)
        case timedOut(seconds: Double)
        /// The program did not end with 0; `said` is the last line of its standard error.
        case failed(ending: String, said: String)
    }

    /// Bytes of standard error that are kept: the last ones.
    private static let errorLimit = 4096

    /// - Parameters:
    ///   - arguments: the program, looked for in `PATH`, and its arguments.
    ///   - input: the file that it reads as standard input; nil for none.
    ///   - environment: variables in addition to this process's own.
    package static func read(
        _ arguments: [String], input: String? = nil, environment: [String: String] = [:], limit: Int,
        seconds: Double
    ) throws(Failure) -> Data {
        let child = try SpawnedProgram(arguments, input: input ?? "/dev/null", environment)
        let deadline = ContinuousClock.now + .seconds(seconds)
        defer { child.end() }
        var output = Data()
        var errors = Data()
        var open = [child.output, child.errors]
        while !open.isEmpty {
            var waiting = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard try isReady(&waiting, until: deadline) else { throw .timedOut(seconds: seconds) }
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

    /// Returns false when the deadline comes first.
    private static func isReady(
        _ entries: inout [pollfd], until deadline: ContinuousClock.Instant
    ) throws(Failure) -> Bool {
        do throws(SystemError) {
            return try poll(&entries, until: deadline)
        } catch {
            throw .notStarted(reason: error.reason)
        }
    }

    private static func lastLine(_ bytes: Data) -> String {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.last { !$0.allSatisfy(\.isWhitespace) }.map { String($0.suffix(300)) } ?? ""
    }
}

/// A started program and the two pipes that it writes to.
private final class SpawnedProgram {
    let output: Int32
    let errors: Int32
    private let id: pid_t
    private var ended: ChildEnding?

    init(_ arguments: [String], input: String, _ environment: [String: String]) throws(ProgramOutput.Failure)
    {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(input, O_RDONLY)
        } catch {
            throw .notStarted(reason: "\(error)")
        }
        var pipes: [PipeEnds] = []
        // Only the program writes to the pipes.
        defer { for pipe in pipes { close(pipe.writing) } }
        do throws(SystemError) {
            for _ in 0..<2 { pipes.append(try PipeEnds()) }
            id = try startChild(
                arguments, descriptors: [file.descriptor, pipes[0].writing, pipes[1].writing],
                searching: true,
                environment: environment)
        } catch {
            for pipe in pipes { close(pipe.reading) }
            throw error.code == ENOENT ? .notFound : .notStarted(reason: error.reason)
        }
        (output, errors) = (pipes[0].reading, pipes[1].reading)
    }

    /// Reads what a pipe holds; empty at its end.
    func part(of pipe: Int32) -> Data {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(pipe, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return Data(buffer.prefix(max(0, count)))
        }
    }

    /// How the program ended; nil while it runs.
    ///
    /// Processes that it left running are killed.
    func ending() -> String? {
        if ended == nil {
            guard ChildEnding.hasCome(to: id) else { return nil }
            finish()
        }
        return ended.map { "\($0)" }
    }

    /// Kills the process group, then waits for the program.
    ///
    /// After the wait, the program's number may be another process's.
    private func finish() {
        kill(-id, SIGKILL)
        ended = ChildEnding(waitingFor: id)
    }

    /// Ends the program and everything that it started.
    func end() {
        if ended == nil { finish() }
        close(output)
        close(errors)
    }
}
