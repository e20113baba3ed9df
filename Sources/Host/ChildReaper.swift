import Foundation
import Synchronization

/// Reaps the processes that this process inherits as process 1 of a container, such as the children of a verifier that was killed.
///
/// Without it each of them stays a zombie until the container has no process ids left. Children that this process started are left
/// to the code that waits for them.
package enum ChildReaper {
    /// Starts to reap once a second when this process is process 1; does nothing in other processes.
    package static func startAsFirstProcess() {
        guard getpid() == 1 else { return }
        let thread = Thread {
            while true {
                reap()
                usleep(500_000)
            }
        }
        thread.name = "ponder-reaper"
        thread.stackSize = 256 << 10
        thread.start()
    }

    /// Reaps every ended child that this process did not start.
    ///
    /// An own child that has ended hides those behind it until its owner has reaped it, which is soon.
    private static func reap() {
        ownChildren.withLock { own in
            while true {
                var information = siginfo_t()
                let flags = WEXITED | WNOHANG | WNOWAIT
                guard waitid(P_ALL, 0, &information, flags) == 0 else { return }
                let id = information._sifields._sigchld.si_pid
                guard id > 0, !own.contains(id) else { return }
                waitpid(id, nil, WNOHANG)
            }
        }
    }
}
