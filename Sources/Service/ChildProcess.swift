import Foundation
import Processes
import Synchronization

/// A direct child that holds a pipe from this process: when this process ends, however it ends, the child reads the end
/// of its standard input.
final class ChildProcess: Sendable {
    let id: pid_t
    /// The end of the pipe that the child waits on; closing it tells the child to end.
    private let leash: Mutex<Int32?>

    private init(id: pid_t, leash: Int32) {
        self.id = id
        self.leash = Mutex(leash)
    }

    /// Starts `arguments[0]`; its standard output and error are appended to `log`.
    ///
    /// - Throws: `SystemError`.
    static func start(_ arguments: [String], log: String) throws(SystemError) -> ChildProcess {
        let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw SystemError("open \(log)", errno) }
        defer { close(file) }
        let leash = try PipeEnds()
        defer { close(leash.reading) }
        do throws(SystemError) {
            let id = try startChild(arguments, descriptors: [leash.reading, file, file])
            return ChildProcess(id: id, leash: leash.writing)
        } catch {
            close(leash.writing)
            throw error
        }
    }

    /// Tells the child to end by closing its pipe; harmless when called again.
    func release() {
        if let end = leash.withLock({ $0.take() }) { close(end) }
    }

    /// Waits for the end on a thread of its own.
    func ending() async -> ChildEnding {
        await withCheckedContinuation { continuation in
            let thread = Thread { [id] in
                continuation.resume(returning: ChildEnding(waitingFor: id))
            }
            thread.name = "ponder-child"
            thread.stackSize = 256 << 10
            thread.start()
        }
    }
}

extension ChildEnding {
    /// How a worker ended, with what a kill mostly means.
    var explained: String {
        switch self {
        case .exited: "\(self)"
        case .signalled(SIGKILL): "killed by signal 9 (by hand, or out of memory: `dmesg` says)"
        case .signalled(let signal): "killed by signal \(signal)"
        }
    }
}
