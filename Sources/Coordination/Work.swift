import Primitives
import Reinforcement
import Scheduling

/// What the run computes now, for a person who waits.
struct Work: Sendable {
    enum Kind: Sendable, Hashable {
        /// The policy of a version is asked the held-out problems.
        case measuring(policy: Int)
        case step(Int)
    }

    let kind: Kind
    /// Number of rounds that it generates, and of responses in each.
    let rounds: Int
    let responses: Int
    /// Number of rounds that are complete.
    var complete = 0
    private let start = ContinuousClock.now

    init(_ kind: Kind, rounds: Int = 1, responses: Int) {
        self.kind = kind
        self.rounds = rounds
        self.responses = responses
    }

    /// `evaluating policy 0: 384/1536 responses, 00:40 left`; nil in the first two seconds.
    ///
    /// - Parameters:
    ///   - open: the rounds that are being generated.
    ///   - elapsed: seconds since the work began; nil for the real ones.
    func line(_ open: [CoordinatorReport.Round], elapsed: Double? = nil) -> String? {
        let elapsed = elapsed ?? (ContinuousClock.now - start).seconds
        guard elapsed >= 2 else { return nil }
        let mine: [CoordinatorReport.Round]
        let title: String
        switch kind {
        case .measuring(let policy):
            mine = open.filter { $0.step == policy && $0.purpose != .training }
            title = "evaluating policy \(policy)"
        case .step(let step):
            mine = open.filter { $0.step == step - 1 && $0.purpose == .training }
            title = "step \(step)"
            if mine.isEmpty { return "\(title): learning from \(responses) responses" }
        }
        let all = rounds * responses
        let done = mine.reduce(complete * responses) {
            $0 + ($1.assignments > 0 ? responses * $1.accepted / $1.assignments : 0)
        }
        let left =
            done > 0 ? ", \(Duration.seconds(elapsed / Double(done) * Double(all - done)).clock) left" : ""
        return "\(title): \(done)/\(all) responses\(left)"
    }
}
