import Dispatch

/// Pure work on all processors, in the order of its numbers.
package enum Parallel {
    /// Calls `body` for 0 up to `count`, and returns when all are done.
    package static func map<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
        guard count > 1 else { return (0..<count).map(body) }
        return [Result](unsafeUninitializedCapacity: count) { buffer, filled in
            // Each place is written once, by whoever computes it.
            nonisolated(unsafe) let places = buffer
            DispatchQueue.concurrentPerform(iterations: count) { index in
                places.initializeElement(at: index, to: body(index))
            }
            filled = count
        }
    }
}
