/// How many optimizer steps old the policy of a trace may be when it is learned from.
///
///     Staleness(bound: 0).admits(PolicyVersion(7), at: PolicyVersion(8))   // false
package struct Staleness: Sendable, Hashable {
    /// 0 is the synchronous mode: traces come from the very policy that learns.
    package let bound: Int

    package init(bound: Int) {
        precondition(bound >= 0, "the staleness bound is a number of steps, not \(bound)")
        self.bound = bound
    }

    package static let synchronous = Staleness(bound: 0)

    /// Hard: a trace beyond the bound, or from a policy that does not exist yet, is never admitted.
    package func admits(_ behaviour: PolicyVersion, at learner: PolicyVersion) -> Bool {
        (0...bound).contains(learner.rawValue - behaviour.rawValue)
    }
}
