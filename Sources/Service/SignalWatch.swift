import Dispatch
import Foundation
import Synchronization

/// The polite requests to end: the first one is passed on, the second ends the process at once.
package final class SignalWatch: Sendable {
    private let sources: Sources

    // Dispatch's sources may be used from any thread.
    private struct Sources: @unchecked Sendable { let all: [any DispatchSourceSignal] }

    /// Watches SIGINT and SIGTERM until the value is gone.
    ///
    /// - Parameters:
    ///   - code: exit code of the fast end.
    ///   - first: called for the first of them.
    package init(fastExit code: Int32, _ first: @escaping @Sendable () -> Void) {
        // Progress to a closed pipe is no reason to die.
        signal(SIGPIPE, SIG_IGN)
        let count = Counter()
        sources = Sources(
            all: [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(
                    signal: number, queue: .global(qos: .userInteractive))
                source.setEventHandler {
                    if count.next() == 1 { first() } else { _exit(code) }
                }
                source.resume()
                return source
            })
    }

    deinit { for source in sources.all { source.cancel() } }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
