package import Foundation
import Synchronization

/// A child process that one thread waits for and any thread may signal.
///
/// Reaping a child with `waitpid` frees its process id, and the system may give the id to another process at
/// once. So the end is first detected without reaping (`waitid` with `WNOWAIT`), and the child is reaped
/// under a lock that `signal` also takes. A signal therefore reaches this child or no process.
package final class OwnChild: Sendable {
    package let id: pid_t
    private let hasEnded = Mutex(false)

    package init(_ id: pid_t) { self.id = id }

    /// Blocks until the child has ended.
    ///
    /// Call it once.
    package func wait() -> ChildEnding {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return hasEnded.withLock { hasEnded in
            hasEnded = true
            return ChildEnding(waitingFor: id)
        }
    }

    /// Sends a signal to the child, or to its process group.
    ///
    /// - Returns: false when the child has ended, in which case nothing is sent.
    @discardableResult
    package func signal(_ number: Int32, group: Bool = false) -> Bool {
        hasEnded.withLock { hasEnded in !hasEnded && kill(group ? -id : id, number) == 0 }
    }
}
