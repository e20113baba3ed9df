package import Reasoning
package import Reinforcement

/// Selects traces of a run's records; a property that is nil sets no limit.
package struct TraceFilter: Sendable, Hashable {
    /// The order of the selected traces; ties go to the newer version.
    package enum Order: String, Sendable, Hashable {
        case newest, oldest
        /// Highest and lowest total reward first.
        case best, worst
        /// Most response tokens first.
        case longest
    }

    package var versions: ClosedRange<Int>?
    package var purpose: Purpose? = .training
    /// Range of the total reward.
    package var rewards: ClosedRange<Double>?
    /// Range of the number of response tokens.
    package var tokens: ClosedRange<Int>?
    /// Id of a problem.
    package var problemID: String?
    package var worker: String?
    package var verdict: Verdict.Kind?
    /// Words that the response contains, as `WordPattern` says; letter by letter where that takes no words.
    package var containing: String?
    /// Whether only traces are selected whose tokens are kept.
    package var hasTokens = false
    package var order = Order.newest
    /// Only traces after this place in the order.
    package var after: TracePlace?
    package var limit = 100

    package init() {}
}
