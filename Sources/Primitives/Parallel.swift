import Dispatch
import Foundation
import Synchronization

/// Runs work on several threads of this process.
package enum Parallel {
    /// Calls `body` with the numbers 0 to `count` − 1, and returns the results in the order of the numbers.
    ///
    /// It creates its own threads, because Dispatch's threads also run Swift's tasks, which must not wait.
    ///
    /// - Parameter threads: maximum number of threads, the caller's included; nil for one per processor.
    package static func map<Result: Sendable>(
        _ count: Int, threads: Int? = nil, _ body: @escaping @Sendable (Int) -> Result
    ) -> [Result] {
        let threads = min(count, threads ?? ProcessInfo.processInfo.activeProcessorCount)
        guard threads > 1 else { return (0..<count).map(body) }
        let numbers = Numbers()
        return [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            // Each element is written once, by the thread that takes its number.
            nonisolated(unsafe) let places = buffer
            let work: @Sendable () -> Void = {
                while true {
                    let index = numbers.next()
                    guard index < count else { return }
                    places.initializeElement(at: index, to: body(index))
                }
            }
            let helpers = DispatchGroup()
            for _ in 1..<threads {
                helpers.enter()
                Thread.detachNewThread {
                    work()
                    helpers.leave()
                }
            }
            work()
            helpers.wait()
            filled = count
        }
    }

    private final class Numbers: Sendable {
        private let count = Atomic<Int>(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).oldValue }
    }
}
