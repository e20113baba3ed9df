import Reasoning

/// The G traces of one problem, in the order of their sample numbers.
package struct TraceGroup: Sendable, Hashable {
    package let problem: AssignedProblem
    package let traces: [ScoredTrace]

    package init(problem: AssignedProblem, traces: [ScoredTrace]) {
        self.problem = problem
        self.traces = traces
    }
}

extension TraceGroup {
    /// Share of the traces whose answer is right, 0 to 1.
    package var solveRate: Double {
        traces.isEmpty ? 0 : Double(traces.count { $0.reward.verdict == .correct }) / Double(traces.count)
    }
}
