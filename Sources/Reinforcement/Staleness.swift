/// The maximum age, in optimizer steps, of the policy whose traces the learner uses.
///
///     Staleness(bound: 1).versions(at: PolicyVersion(8))   // 7...8
///
/// The learner at version v uses the round of step v. Rounds up to step v + bound are open by then, so that
/// workers generate while the learner learns. No later round is open, so a trace that is begun now never
/// exceeds the bound. This is the capacity (bound + v + 1) · batch of AReaL (arXiv 2505.24298), in whole
/// rounds.
package struct Staleness: Sendable, Hashable {
    /// The bound in steps; 0 is the synchronous mode, in which traces come from the very policy that learns.
    package let bound: Int

    package init(bound: Int) {
        precondition(bound >= 0, "the staleness bound is a number of steps, not \(bound)")
        self.bound = bound
    }

    package static let synchronous = Staleness(bound: 0)

    /// The policies whose traces a learner at this version may use; a hard limit.
    package func versions(at learner: PolicyVersion) -> ClosedRange<PolicyVersion> {
        PolicyVersion(max(0, learner.rawValue - bound))...learner
    }

    /// The steps whose rounds may be generated while the learner is at `step` in a run of `steps` steps.
    package func openSteps(at step: Int, of steps: Int) -> Range<Int> {
        step..<max(step, min(step + bound + 1, steps))
    }
}
