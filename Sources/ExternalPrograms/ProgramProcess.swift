import Foundation
import Host

/// A running program in a process group of its own, which this process feeds, reads, and can always end.
///
/// It is started through a shell that sets its memory limit and leaves a watcher in the group. The watcher
/// reads a pipe from this process and kills the group when the pipe ends, so nothing outlives a parent that
/// was killed with -9. The program replaces the shell and has its process id. All descriptors on this side
/// are non-blocking.
final class ProgramProcess {
    let id: pid_t
    let input: Int32
    let output: Int32
    let errors: Int32
    /// The watcher's pipe.
    private let leash: Int32
    private var ending: String?

    /// `$1` is the limit in KiB or `unlimited`, the rest is the command; descriptor 3 is the watcher's pipe.
    private static let script = """
        { read -r line; kill -KILL 0; } <&3 >/dev/null 2>&1 &
        exec 3<&-
        ulimit -v "$1" 2>/dev/null
        shift
        exec "$@"
        """

    /// - Parameter file: the path that `program.locate()` found.
    /// - Throws: `ExternalProgramError`.
    init(_ program: ExternalProgram, file: String) throws(ExternalProgramError) {
        var pipes: [PipeEnds] = []
        let id: pid_t
        do throws(SystemError) {
            for _ in 0..<4 { pipes.append(try PipeEnds()) }
            let memory = program.memory > 0 ? "\(program.memory << 10)" : "unlimited"
            id = try startChild(
                ["/bin/sh", "-c", Self.script, "sh", memory, file] + program.command.dropFirst(),
                descriptors: [pipes[0].reading, pipes[1].writing, pipes[2].writing, pipes[3].reading])
        } catch {
            for pipe in pipes { for end in [pipe.reading, pipe.writing] { close(end) } }
            throw ExternalProgramError(
                program.command, "the system starts no process: \(error.reason); `ulimit -a` shows the limits"
            )
        }
        for end in [pipes[0].reading, pipes[1].writing, pipes[2].writing, pipes[3].reading] { close(end) }
        self.id = id
        (input, output) = (pipes[0].writing, pipes[1].reading)
        (errors, leash) = (pipes[2].reading, pipes[3].writing)
        for end in [input, output, errors] { PipeEnds.unblock(end) }
    }

    deinit { for end in [input, output, errors, leash] { close(end) } }

    /// Ends the whole group and returns how the program itself ended; later calls return the same.
    ///
    /// - Parameter grace: time for the program to end by itself, so that its own reason is reported and not
    ///   the kill.
    @discardableResult
    func end(grace: Duration = .zero) -> String {
        if let ending { return ending }
        let deadline = ContinuousClock.now + grace
        // The program is not reaped here, so the group keeps its number until it has been killed.
        while ContinuousClock.now < deadline, !ChildEnding.hasCome(to: id) { usleep(2000) }
        kill(-id, SIGKILL)
        let text = "\(ChildEnding(waitingFor: id))"
        ending = text
        return text
    }
}
