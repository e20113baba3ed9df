import Reasoning

/// The G traces of one problem, in the order of their samples.
package struct TraceGroup: Sendable, Hashable {
    package let problem: AssignedProblem
    /// Token ids of the problem's prompt, [tokens].
    package let prompt: [Int32]
    package let traces: [ScoredTrace]
    /// Name of the worker that generated the traces.
    package let worker: String

    package init(problem: AssignedProblem, prompt: [Int32], traces: [ScoredTrace], worker: String) {
        self.problem = problem
        self.prompt = prompt
        self.traces = traces
        self.worker = worker
    }
}

extension Assignment {
    /// Splits the traces of this assignment into one group per problem.
    ///
    /// - Parameters:
    ///   - scored: [problems × samples], in the order of (problem, sample).
    ///   - prompts: token ids of each problem's prompt, [problems][tokens].
    ///   - worker: name of the worker that generated the traces.
    package func groups(_ scored: [ScoredTrace], prompts: [[Int32]], by worker: String) -> [TraceGroup] {
        problems.enumerated().map { place, problem in
            TraceGroup(
                problem: problem, prompt: prompts[place],
                traces: Array(scored[place * samples..<(place + 1) * samples]), worker: worker)
        }
    }
}

extension TraceGroup {
    /// Share of right answers among the traces that count, 0 to 1; nil when none counts.
    package var solveRate: Double? {
        let kept = kept
        return kept.isEmpty ? nil : Double(kept.count { $0.reward.verdict == .correct }) / Double(kept.count)
    }
}
