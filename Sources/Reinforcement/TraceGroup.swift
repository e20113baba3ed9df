/// The G traces of one problem, in the order of their sample numbers.
package struct TraceGroup: Sendable, Hashable {
    package let problem: AssignedProblem
    package let traces: [ScoredTrace]

    package init(problem: AssignedProblem, traces: [ScoredTrace]) {
        self.problem = problem
        self.traces = traces
    }
}
