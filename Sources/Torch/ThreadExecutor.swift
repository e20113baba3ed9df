import DequeModule
import Foundation

/// Runs an actor's work on a thread of its own, one job after another.
///
/// Tensor arithmetic blocks for seconds. On Swift's cooperative pool, which has one thread for each core, it would
/// starve everything else. An actor that owns a model returns one of these as its `unownedExecutor`. The thread lives
/// as long as the process: make one for each role, not one for each piece of work.
package final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    // Guarded by `condition`.
    private var jobs: Deque<UnownedJob> = []
    private let condition = NSCondition()

    /// - Parameters:
    ///   - name: of the thread, as `top -H` shows it.
    ///   - stackSize: in bytes.
    package init(name: String, stackSize: Int = 8 << 20) {
        let thread = Thread { [self] in run() }
        thread.name = name
        thread.stackSize = stackSize
        thread.start()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        condition.lock()
        jobs.append(unowned)
        condition.signal()
        condition.unlock()
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    private func run() {
        while true {
            condition.lock()
            while jobs.isEmpty { condition.wait() }
            let next = jobs.removeFirst()
            condition.unlock()
            next.runSynchronously(on: asUnownedSerialExecutor())
        }
    }
}
