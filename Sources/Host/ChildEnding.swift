package import Foundation
import Synchronization

/// How a child process ended.
package enum ChildEnding: Sendable, Hashable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// - Parameter waitStatus: the status from `waitpid`.
    package init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signalled(signal)
    }

    /// Waits for a child of this process to end, and reaps it.
    package init(waitingFor child: pid_t) {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // Only now, because `ChildReaper` takes every other child.
        _ = ownChildren.withLock { $0.remove(child) }
        self.init(waitStatus: status)
    }

    /// Whether a child of this process has ended.
    ///
    /// The child is not reaped, so its process id stays its own.
    package static func hasCome(to child: pid_t) -> Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT | WNOHANG) == 0
            && information.si_signo == SIGCHLD
    }

    /// The exit status that a shell reports: the exit code, or 128 plus the signal number.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}
