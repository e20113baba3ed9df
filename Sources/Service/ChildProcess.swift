import Foundation
import Host
import Synchronization

/// A direct child whose standard input is a pipe from this process.
///
/// When this process ends, even by kill -9, the child reads the end of that pipe.
final class ChildProcess: Sendable {
    private let child: OwnChild
    /// This process's end of the pipe; closing it tells the child to end.
    private let pipe: Mutex<Int32?>

    private init(id: pid_t, pipe: Int32) {
        child = OwnChild(id)
        self.pipe = Mutex(pipe)
    }

    var id: pid_t { child.id }

    /// Starts `arguments[0]`; its standard output and error are appended to `log`.
    ///
    /// - Parameters:
    ///   - passing: descriptors that become 3, 4 and so on in the child.
    ///   - environment: variables that the child gets in addition to this process's own.
    /// - Throws: `SystemError`, `FileError`.
    static func start(
        _ arguments: [String], log: String, passing: [Int32] = [], environment: [String: String] = [:]
    ) throws -> ChildProcess {
        let file = try OpenFile(log, O_WRONLY | O_CREAT | O_APPEND)
        let pipe = try PipeEnds()
        defer { close(pipe.reading) }
        do throws(SystemError) {
            let id = try startChild(
                arguments, descriptors: [pipe.reading, file.descriptor, file.descriptor] + passing,
                environment: environment)
            return ChildProcess(id: id, pipe: pipe.writing)
        } catch {
            close(pipe.writing)
            throw error
        }
    }

    /// Tells the child to end by closing its pipe; a second call does nothing.
    func release() {
        if let end = pipe.withLock({ $0.take() }) { close(end) }
    }

    /// Kills the child unless it has ended.
    ///
    /// - Returns: false when it has ended.
    @discardableResult
    func kill() -> Bool { child.signal(SIGKILL) }

    /// Waits for the child's end on a thread of its own.
    ///
    /// Call it once.
    func ending() async -> ChildEnding {
        await withCheckedContinuation { continuation in
            let thread = Thread { [child] in continuation.resume(returning: child.wait()) }
            thread.name = "ponder-child"
            thread.stackSize = 256 << 10
            thread.start()
        }
    }
}

extension ChildEnding {
    /// How a worker ended, with the usual cause of a kill.
    var explained: String {
        switch self {
        case .exited: "\(self)"
        case .signalled(SIGKILL): "killed by signal 9 (by hand, or out of memory: `dmesg` says)"
        case .signalled(let signal): "killed by signal \(signal)"
        }
    }
}
