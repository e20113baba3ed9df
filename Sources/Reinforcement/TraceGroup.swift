import Reasoning

/// The G traces of one problem, in the order of their sample numbers.
package struct TraceGroup: Sendable, Hashable {
    package let problem: AssignedProblem
    package let traces: [ScoredTrace]
    /// The name of the worker that generated them.
    package let worker: String

    package init(problem: AssignedProblem, traces: [ScoredTrace], worker: String) {
        self.problem = problem
        self.traces = traces
        self.worker = worker
    }
}

extension Assignment {
    /// Its traces as one group per problem.
    ///
    /// - Parameters:
    ///   - scored: [problems × samples], in the order of (problem, sample).
    ///   - worker: the name of the worker that generated them.
    package func groups(_ scored: [ScoredTrace], by worker: String) -> [TraceGroup] {
        problems.enumerated().map { place, problem in
            TraceGroup(
                problem: problem, traces: Array(scored[place * samples..<(place + 1) * samples]),
                worker: worker)
        }
    }
}

extension TraceGroup {
    /// Share of the traces whose answer is right, 0 to 1.
    package var solveRate: Double {
        traces.isEmpty ? 0 : Double(traces.count { $0.reward.verdict == .correct }) / Double(traces.count)
    }
}
