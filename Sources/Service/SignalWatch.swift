import Foundation
import Host
import Synchronization

/// Acts on the signals that ask this process to end or to save.
///
/// SIGINT, SIGTERM, SIGHUP and SIGUSR2 ask for an orderly end. SIGINT or SIGTERM after another one of these two ends at once. A
/// repeated SIGHUP does not, because a terminal that closes sends it through the shell as well, nor does the same signal a moment
/// later, because `timeout` sends each twice.
package enum SignalWatch {
    /// Watches from now on, and takes the signals that came before.
    ///
    /// - Parameters:
    ///   - save: called for SIGUSR1.
    ///   - again: called for the signal that ends at once; the process then exits with the code that it returns.
    ///   - first: called for the first signal that asks for an end.
    package static func start(
        save: @escaping @Sendable () -> Void = {}, again: @escaping @Sendable () -> Int32,
        first: @escaping @Sendable (_ signal: Int32) -> Void
    ) {
        // Writing to a closed pipe is an error of that write; it must not kill the process.
        signal(SIGPIPE, SIG_IGN)
        let told = Mutex(Told())
        ProcessSignals.listen { number in
            guard ProcessSignals.ending.contains(number) else { return save() }
            switch told.withLock({ $0.count(number, at: .now) }) {
            case .first: first(number)
            case .again: _exit(again())
            case .repeated: return
            }
        }
    }

    /// What was asked for so far.
    struct Told {
        enum Step: Sendable, Hashable { case first, repeated, again }

        private var isEnding = false
        private var isUrgent = false
        private var last: (number: Int32, time: ContinuousClock.Instant)?

        private static let moment = Duration.milliseconds(100)

        mutating func count(_ number: Int32, at time: ContinuousClock.Instant) -> Step {
            if let last, last.number == number, time - last.time < Self.moment { return .repeated }
            last = (number, time)
            let isUrging = number == SIGINT || number == SIGTERM
            defer {
                isEnding = true
                isUrgent = isUrgent || isUrging
            }
            if isUrgent && isUrging { return .again }
            return isEnding ? .repeated : .first
        }
    }
}
