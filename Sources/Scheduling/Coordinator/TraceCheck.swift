import Reinforcement

/// Checks a result as far as that needs no tensor: a result that fails here does not reach the learner.
struct TraceCheck: Sendable {
    let assignment: Assignment
    let vocabulary: Int
    /// Each of these tokens ends a response.
    let endTokens: Set<Int32>
    let lengthLimit: Int
    /// The newest published policy.
    let newest: PolicyVersion

    typealias Flaw = (reason: DropReason, detail: String)

    /// The first flaw; nil when there is none.
    func flaw(in traces: [Trace]) -> Flaw? {
        let wanted = problems(of: traces)
        guard !wanted.isEmpty, traces.count == wanted.count * assignment.samples else {
            return (.wrongSamples, "\(traces.count) traces instead of \(assignment.traceCount)")
        }
        var index = 0
        for problem in wanted {
            for sample in 0..<assignment.samples {
                let wanted = SampleID(round: assignment.id.round, problem: problem.index, sample: sample)
                if let flaw = flaw(in: traces[index], wanted: wanted) { return flaw }
                index += 1
            }
        }
        return nil
    }

    /// The problems that must be there: all of them, or, where an assignment may come back in parts, those that came.
    private func problems(of traces: [Trace]) -> [AssignedProblem] {
        guard assignment.isDivisible else { return assignment.problems }
        let places = Set(traces.map(\.id.problem))
        return assignment.problems.filter { places.contains($0.index) }
    }

    private func flaw(in trace: Trace, wanted: SampleID) -> Flaw? {
        // Written only where it is read: there are thousands of traces a second.
        var place: String { "problem \(wanted.problem), sample \(wanted.sample)" }
        if trace.id != wanted {
            return (.wrongSamples, "problem \(trace.id.problem), sample \(trace.id.sample) at \(place)")
        }
        if let flaw = policyFlaw(in: trace, place: place) { return flaw }
        if trace.tokens.isEmpty { return (.emptyTrace, place) }
        if trace.tokens.count != trace.logProbabilities.count {
            return (
                .lengthMismatch,
                "\(trace.tokens.count) tokens, \(trace.logProbabilities.count) log-probabilities at \(place)"
            )
        }
        for token in trace.tokens where token < 0 || Int(token) >= vocabulary {
            return (.tokenOutOfRange, "token \(token) of \(vocabulary) at \(place)")
        }
        // A comparison with NaN is false, so NaN fails here, too.
        for value in trace.logProbabilities where !(value <= 0 && value > -.infinity) {
            return (.invalidLogProbability, "\(value) at \(place)")
        }
        return lengthFlaw(in: trace, place: place)
    }

    /// Each token must be of a policy within the staleness bound.
    private func policyFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        let newest = min(newest, assignment.id.round.version)
        var (count, last) = (0, PolicyVersion(-1))
        for run in trace.policies {
            if run.version < assignment.oldest || run.version > newest {
                return (
                    .staleVersion,
                    "policy \(run.version.rawValue) at \(place()), not \(assignment.oldest.rawValue) to "
                        + "\(newest.rawValue)"
                )
            }
            if run.version <= last || (count > 0 && assignment.onNewWeights == .finish) {
                return (
                    .staleVersion,
                    "policy \(run.version.rawValue) after \(last.rawValue) in one trace at \(place())"
                )
            }
            if run.tokens < 1 || run.tokens > trace.tokens.count - count {
                return (.lengthMismatch, "\(run.tokens) tokens of a policy at \(place())")
            }
            (count, last) = (count + run.tokens, run.version)
        }
        guard count != trace.tokens.count else { return nil }
        return (.lengthMismatch, "\(trace.tokens.count) tokens, policies of \(count) at \(place())")
    }

    /// A trace ends with its only end token, or at the limit without one.
    private func lengthFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        let count = trace.tokens.count
        if count > lengthLimit {
            return (.wrongLength, "\(count) tokens of \(lengthLimit) at \(place())")
        }
        switch trace.finish {
        case .end:
            if firstEnd(in: trace.tokens) != count - 1 {
                return (.wrongLength, "the end token is not the last at \(place())")
            }
        case .length:
            if count != lengthLimit || firstEnd(in: trace.tokens) != nil {
                return (.wrongLength, "\(count) tokens said to reach \(lengthLimit) at \(place())")
            }
        }
        return nil
    }

    /// Where the first end token is; most vocabularies have one, and a comparison is faster than hashing.
    private func firstEnd(in tokens: [Int32]) -> Int? {
        guard let first = endTokens.first else { return nil }
        if endTokens.count == 1 { return tokens.firstIndex(of: first) }
        return tokens.firstIndex(where: endTokens.contains)
    }
}
