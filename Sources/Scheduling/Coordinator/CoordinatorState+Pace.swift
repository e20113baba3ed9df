import Primitives
import Reinforcement

extension CoordinatorState {
    /// What this worker gets of a slot: all that waits, or, where an assignment may be divided, as much as it generates while
    /// the fastest generates a whole one.
    ///
    /// A worker whose pace is not known yet, or is at least half of the fastest's, gets all: small batches cost more a token.
    func share(of slot: Slot, for name: String) -> Assignment {
        let waiting = slot.waiting.map(\.index)
        guard slot.assignment.isDivisible else { return slot.assignment }
        guard let rate = roster[name]?.tokensPerSecond, rate * 2 < fastest else {
            return slot.assignment.part(Set(waiting))
        }
        let count = (Double(slot.assignment.problems.count) * rate / fastest).rounded()
        return slot.assignment.part(Set(waiting.prefix(max(1, Int(count)))))
    }

    /// An attempt that has no double and may deserve one.
    struct Straggler {
        let attempt: Attempt
        /// Out so long that something must be wrong with its worker.
        let isOverdue: Bool
        /// What it has to generate, and the seconds that its worker still needs for it by its measured pace.
        let tokens: Double
        let remaining: Double

        /// Whether a worker of this pace would be done twice in the time that the attempt's own worker still needs.
        func isBeaten(by pace: Double?) -> Bool {
            if isOverdue { return true }
            guard let pace, pace > 0 else { return false }
            return remaining > 2 * tokens / pace
        }
    }

    /// Attempts of a round that some worker may be given as well.
    func slowAttempts(of round: OpenRound, now: Duration) -> [Straggler] {
        guard round.slots.open > 0 else { return [] }
        let patience = patience(round.id.purpose)
        return round.slots.flatMap { slot -> [Straggler] in
            guard slot.accepted == nil, !slot.isSetAside else { return [] }
            return slot.out.compactMap { out in
                guard let attempt = attempts[out.attempt], attempt.arrivedAt == nil else { return nil }
                let elapsed = now - attempt.issuedAt
                let straggler = straggler(attempt, elapsed: elapsed, isOverdue: elapsed >= patience)
                guard straggler.isBeaten(by: fastest) else { return nil }
                let isDoubled = slot.out.contains {
                    $0.attempt != out.attempt && !Set($0.problems).isDisjoint(with: out.problems)
                }
                return isDoubled ? nil : straggler
            }
        }
    }

    private func straggler(_ attempt: Attempt, elapsed: Duration, isOverdue: Bool) -> Straggler {
        let each = tokensPerProblem[attempt.id.assignment.round.purpose] ?? 0
        let tokens = each * Double(attempt.assignment.problems.count)
        let pace = roster[attempt.worker]?.tokensPerSecond ?? 0
        let isKnown = pace > 0 && tokens > 0 && elapsed >= configuration.stragglerMinimum
        return Straggler(
            attempt: attempt, isOverdue: isOverdue, tokens: tokens,
            remaining: isKnown ? tokens / pace - elapsed.seconds : 0)
    }

    private func patience(_ purpose: Purpose) -> Duration {
        guard let median = medianDuration(purpose) else { return configuration.straggler }
        return max(configuration.stragglerMinimum, median * configuration.stragglerFactor)
    }

    /// Response tokens of all samples of a problem, a mean of the last ones.
    mutating func noteTokens(_ tokens: Int, problems: Int, _ purpose: Purpose) {
        guard problems > 0 else { return }
        let each = Double(tokens) / Double(problems)
        tokensPerProblem[purpose] = tokensPerProblem[purpose].map { 0.8 * $0 + 0.2 * each } ?? each
    }
}
