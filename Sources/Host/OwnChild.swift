package import Foundation
import Synchronization

/// A child of this process that one thread waits for and any thread may signal.
///
/// Waiting for a child (`waitpid`) gives its number back to the system, which may give it to another process at once. So the
/// end is first seen without that (`waitid` with `WNOWAIT`), and the number is given back under a lock that `signal` takes as
/// well: a signal reaches this child or nothing.
package final class OwnChild: Sendable {
    package let id: pid_t
    private let hasEnded = Mutex(false)

    package init(_ id: pid_t) { self.id = id }

    /// Blocks until the child has ended.
    ///
    /// To be called once.
    package func wait() -> ChildEnding {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return hasEnded.withLock { hasEnded in
            hasEnded = true
            return ChildEnding(waitingFor: id)
        }
    }

    /// Sends a signal to the child, or to its whole process group.
    ///
    /// - Returns: false when the child has ended; then nothing was sent.
    @discardableResult
    package func signal(_ number: Int32, group: Bool = false) -> Bool {
        hasEnded.withLock { hasEnded in !hasEnded && kill(group ? -id : id, number) == 0 }
    }
}
