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

extension Assignment {
    /// Its traces as one group a problem; they come in the order of its problems and samples, as many as it asks for.
    package func groups(_ scored: [ScoredTrace]) -> [TraceGroup] {
        problems.enumerated().map { place, problem in
            TraceGroup(problem: problem, traces: Array(scored[place * samples..<(place + 1) * samples]))
        }
    }
}

extension TraceGroup {
    /// Share of the traces whose answer is right, 0 to 1.
    package var solveRate: Double {
        traces.isEmpty ? 0 : Double(traces.count { $0.reward.verdict == .correct }) / Double(traces.count)
    }
}
