import DequeModule
import Primitives
import Reinforcement

/// How long results take: what is given to slow workers, and which attempts are late, follows from it.
struct Pace: Sendable {
    /// From handing out to arrival, of the last results.
    private var durations: [Purpose: Deque<Duration>] = [:]
    /// Response tokens of all samples of a problem, a moving mean.
    private var tokensPerProblem: [Purpose: Double] = [:]
    /// Tokens per second of the fastest worker; falls slowly once that worker is gone.
    private(set) var fastest = 0.0
    private static let memory = 64

    /// - Parameters:
    ///   - duration: nil where it is not known.
    ///   - rate: tokens per second of its worker, a moving mean.
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

    /// What a worker is given of a slot: everything that waits, or, where an assignment may be divided, what the worker
    /// generates in the time in which the fastest generates a whole one.
    ///
    /// A worker whose rate is unknown or at least half of the fastest's is given everything, because small batches cost
    /// more per token.
    func share(of slot: Slot, rate: Double?) -> Assignment {
        guard slot.assignment.isDivisible else { return slot.assignment }
        let waiting = slot.waiting.map(\.index)
        guard let rate, rate * 2 < fastest else { return slot.assignment.part(Set(waiting)) }
        let count = (Double(slot.assignment.problems.count) * rate / fastest).rounded()
        return slot.assignment.part(Set(waiting.prefix(max(1, Int(count)))))
    }

    /// An attempt that may deserve to be given to a second worker.
    struct Straggler {
        let attempt: Attempt
        /// Out so long that something must be wrong with its worker.
        let isOverdue: Bool
        /// What it has to generate.
        let tokens: Double
        /// Seconds that its worker still needs by its measured rate; 0 when that is not known.
        let remaining: Double

        /// Whether a worker of this rate would finish in half of the time that the attempt's worker still needs.
        func isBeaten(by rate: Double?) -> Bool {
            if isOverdue { return true }
            guard let rate, rate > 0 else { return false }
            return remaining > 2 * tokens / rate
        }
    }

    /// An attempt that is out, if some worker should be given it as well.
    ///
    /// - Parameters:
    ///   - rate: tokens per second of the attempt's worker.
    ///   - overdue: when something must be wrong with a worker.
    ///   - minimum: before this no attempt is judged by its worker's rate.
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

    /// Median time from handing out to arrival; nil before there are three results.
    func medianDuration(_ purpose: Purpose) -> Duration? {
        guard let recent = durations[purpose], recent.count >= 3 else { return nil }
        return recent.sorted()[recent.count / 2]
    }
}
