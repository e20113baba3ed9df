/// How many optimizer steps old the policy of a trace may be when it is learned from.
///
///     Staleness(bound: 1).versions(at: PolicyVersion(8))   // 7...8
///
/// The learner at version v uses the round of step v. Rounds up to step v + bound are open by then, so that workers
/// generate while it learns, and no more of them: a trace begun now can never grow older than the bound (the capacity
/// (bound + v + 1) · batch of AReaL, arXiv 2505.24298, in whole rounds).
package struct Staleness: Sendable, Hashable {
    /// 0 is the synchronous mode: traces come from the very policy that learns.
    package let bound: Int

    package init(bound: Int) {
        precondition(bound >= 0, "the staleness bound is a number of steps, not \(bound)")
        self.bound = bound
    }

    package static let synchronous = Staleness(bound: 0)

    /// Hard: the policies whose traces this learner may use.
    package func versions(at learner: PolicyVersion) -> ClosedRange<PolicyVersion> {
        PolicyVersion(max(0, learner.rawValue - bound))...learner
    }

    /// The steps whose rounds may be generated while the learner is at `step` of a run of `steps`.
    package func openSteps(at step: Int, of steps: Int) -> Range<Int> {
        step..<max(step, min(step + bound + 1, steps))
    }
}
