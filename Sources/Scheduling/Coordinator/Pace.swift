import DequeModule
import Primitives
import Reinforcement

/// Measures how long results take; the shares of slow workers and the detection of late attempts use it.
struct Pace: Sendable {
    /// Times from issue to arrival of the most recent results.
    private var durations: [Purpose: Deque<Duration>] = [:]
    /// Response tokens per problem, all samples together; a moving average.
    private var tokensPerProblem: [Purpose: Double] = [:]
    /// Tokens per second of the fastest worker; decays slowly after that worker has left.
    private(set) var fastest = 0.0
    private static let memory = 64

    /// - Parameters:
    ///   - duration: nil when it is unknown.
    ///   - rate: tokens per second of the worker, a moving average.
    mutating func record(
        _ purpose: Purpose, tokens: Int, problems: Int, duration: Duration?, rate: Double?
    ) {
        if let duration {
            if duration > .zero, let rate { fastest = max(rate, 0.99 * fastest) }
            durations[purpose, default: []].append(duration)
            if durations[purpose, default: []].count > Self.memory { durations[purpose]?.removeFirst() }
        }
        guard problems > 0 else { return }
        let each = Double(tokens) / Double(problems)
        tokensPerProblem[purpose] = tokensPerProblem[purpose].map { 0.8 * $0 + 0.2 * each } ?? each
    }

    /// The part of a slot that a worker receives.
    ///
    /// This is everything that waits. When the assignment may be divided, it is the part that the worker
    /// generates in the time that the fastest worker needs for a whole assignment.
    ///
    /// A worker receives everything when its rate is unknown or at least half of the fastest rate, because
    /// small batches cost more per token.
    func share(of slot: Slot, rate: Double?) -> Assignment {
        guard slot.assignment.isDivisible else { return slot.assignment }
        let waiting = slot.waiting.map(\.index)
        guard let rate, rate * 2 < fastest else { return slot.assignment.part(Set(waiting)) }
        let count = (Double(slot.assignment.problems.count) * rate / fastest).rounded()
        return slot.assignment.part(Set(waiting.prefix(max(1, Int(count)))))
    }

    /// An attempt that a second worker may have to repeat.
    struct Straggler {
        let attempt: Attempt
        /// Whether it has been out so long that its worker must have a problem.
        let isOverdue: Bool
        /// Number of tokens that it has to generate.
        let tokens: Double
        /// Seconds that its worker still needs at its measured rate; 0 when the rate is unknown.
        let remaining: Double

        /// Whether a worker of this rate would finish in half of the remaining time.
        func isBeaten(by rate: Double?) -> Bool {
            if isOverdue { return true }
            guard let rate, rate > 0 else { return false }
            return remaining > 2 * tokens / rate
        }
    }

    /// The attempt as a straggler; nil when no other worker should receive it.
    ///
    /// - Parameters:
    ///   - rate: tokens per second of the attempt's worker.
    ///   - overdue: age from which the attempt's worker must have a problem.
    ///   - minimum: age below which no attempt is judged by its worker's rate.
    func straggler(
        _ attempt: Attempt, rate: Double?, out elapsed: Duration, overdue: Duration, minimum: Duration
    ) -> Straggler? {
        let each = tokensPerProblem[attempt.id.assignment.round.purpose] ?? 0
        let tokens = each * Double(attempt.assignment.problems.count)
        let rate = rate ?? 0
        let isKnown = rate > 0 && tokens > 0 && elapsed >= minimum
        let straggler = Straggler(
            attempt: attempt, isOverdue: elapsed >= overdue, tokens: tokens,
            remaining: isKnown ? tokens / rate - elapsed.seconds : 0)
        return straggler.isBeaten(by: fastest) ? straggler : nil
    }

    /// Median time from issue to arrival; nil before the third result.
    func medianDuration(_ purpose: Purpose) -> Duration? {
        guard let recent = durations[purpose], recent.count >= 3 else { return nil }
        return recent.sorted()[recent.count / 2]
    }
}
