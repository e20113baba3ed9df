import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM: the first signal is passed on, the second ends the process at once.
package final class SignalWatch: Sendable {
    private let sources: Sources

    // Dispatch's sources may be used from any thread.
    private struct Sources: @unchecked Sendable { let all: [any DispatchSourceSignal] }

    /// Watches both signals until the value is released.
    ///
    /// - Parameters:
    ///   - code: exit code when the second signal arrives.
    ///   - first: called for the first of them.
    package init(fastExit code: Int32, _ first: @escaping @Sendable () -> Void) {
        // Writing progress to a closed pipe must not kill the process.
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
