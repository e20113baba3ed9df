import Dispatch
import Foundation
import Host
import Primitives
import Synchronization

/// How long the lock of a run lasts where the file system has no locks.
package struct Lease: Sendable {
    /// Time between two renewals by the holder.
    package var renewal = Duration.seconds(5)
    /// Time without a renewal after which others may take the lock.
    package var length = Duration.seconds(30)

    package init() {}
}

/// Renews the entry of a run's lock on a thread of its own, and notices when another process has taken the lock.
///
/// No clocks are compared: a process that waits for the lock watches the entry for the length of the lease.
final class LeaseKeeper: Sendable {
    private struct State {
        var holder: RunLock.Holder
        var lost: RunLock.Lost?
        var listener: (@Sendable (RunLock.Lost) -> Void)?
    }

    private let run: RunDirectory
    private let files: any FileOperations
    private let state: Mutex<State>
    private let end = DispatchSemaphore(value: 0)

    init(_ run: RunDirectory, _ holder: RunLock.Holder, _ lease: Lease, _ files: any FileOperations) {
        self.run = run
        self.files = files
        state = Mutex(State(holder: holder))
        let thread = Thread { [self] in
            while end.wait(timeout: .now() + lease.renewal.seconds) == .timedOut {
                do {
                    try verify()
                    try renew()
                } catch is RunLock.Lost {
                    return
                } catch {
                    // The disk refuses; the next renewal may succeed before the lease is over.
                }
            }
        }
        thread.name = "ponder-lease"
        thread.stackSize = 256 << 10
        thread.start()
    }

    func stop() { end.signal() }

    func onLost(_ listener: @escaping @Sendable (RunLock.Lost) -> Void) {
        let lost = state.withLock { state in
            state.listener = listener
            return state.lost
        }
        if let lost { listener(lost) }
    }

    /// - Throws: `RunLock.Lost` when the entry is another process's.
    func verify() throws {
        let written = RunLock.written(in: run)
        let (lost, listener) = state.withLock { state in
            guard state.lost == nil, let written, !written.isSameAcquisition(as: state.holder) else {
                return (state.lost, nil as (@Sendable (RunLock.Lost) -> Void)?)
            }
            state.lost = RunLock.Lost(root: run.root, holder: written)
            return (state.lost, state.listener)
        }
        guard let lost else { return }
        listener?(lost)
        throw lost
    }

    private func renew() throws {
        let holder = state.withLock { state in
            state.holder.beat = (state.holder.beat ?? 0) + 1
            return state.holder
        }
        try files.replace(run.lock.path, with: try RecordCoding.encode(holder))
    }
}
