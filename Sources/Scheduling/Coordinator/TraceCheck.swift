import Reinforcement

/// What can be said against a result without a tensor: nothing that fails here may reach the learner.

struct TraceCheck: Sendable {
    let assignment: Assignment
    let vocabulary: Int
    /// Each of these ends a response.
    let endTokens: Set<Int32>
    let lengthLimit: Int
    /// The newest policy that anyone can have.
    let newest: PolicyVersion

    struct Flaw: Sendable, Hashable {
        let reason: DropReason
        let detail: String

        init(_ reason: DropReason, _ detail: String) {
            self.reason = reason
            self.detail = detail
        }
    }

    /// The first flaw; nil when there is none.
    func flaw(in traces: [Trace]) -> Flaw? {
        let wanted = problems(of: traces)
        guard !wanted.isEmpty, traces.count == wanted.count * assignment.samples else {
            return Flaw(.wrongSamples, "\(traces.count) traces instead of \(assignment.traceCount)")
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

    /// What must have come: all of it, or, of an assignment that may come back in parts, what is there, problem by problem.
    private func problems(of traces: [Trace]) -> [AssignedProblem] {
        guard assignment.isDivisible else { return assignment.problems }
        let places = Set(traces.map(\.id.problem))
        return assignment.problems.filter { places.contains($0.index) }
    }

    private func flaw(in trace: Trace, wanted: SampleID) -> Flaw? {
        // Written only where it is read: there are thousands of traces a second.
        var place: String { "problem \(wanted.problem), sample \(wanted.sample)" }
        if trace.id != wanted {
            return Flaw(.wrongSamples, "problem \(trace.id.problem), sample \(trace.id.sample) at \(place)")
        }
        if let flaw = policyFlaw(in: trace, place: place) { return flaw }
        if trace.tokens.isEmpty { return Flaw(.emptyTrace, place) }
        if trace.tokens.count != trace.logProbabilities.count {
            return Flaw(
                .lengthMismatch,
                "\(trace.tokens.count) tokens, \(trace.logProbabilities.count) log-probabilities at \(place)")
        }
        for token in trace.tokens where token < 0 || Int(token) >= vocabulary {
            return Flaw(.tokenOutOfRange, "token \(token) of \(vocabulary) at \(place)")
        }
        // Nothing is at most zero that is not a number.
        for value in trace.logProbabilities where !(value <= 0 && value > -.infinity) {
            return Flaw(.invalidLogProbability, "\(value) at \(place)")
        }
        return lengthFlaw(in: trace, place: place)
    }

    /// Each token is of a policy within the bound at its use, whatever the others are of.
    private func policyFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        let newest = min(newest, assignment.id.round.version)
        var (count, last) = (0, PolicyVersion(-1))
        for run in trace.policies {
            if run.version < assignment.oldest || run.version > newest {
                return Flaw(
                    .staleVersion,
                    "policy \(run.version.rawValue) at \(place()), not \(assignment.oldest.rawValue) to "
                        + "\(newest.rawValue)")
            }
            if run.version <= last || (count > 0 && assignment.onNewWeights == .finish) {
                return Flaw(
                    .staleVersion,
                    "policy \(run.version.rawValue) after \(last.rawValue) in one trace at \(place())")
            }
            if run.tokens < 1 || run.tokens > trace.tokens.count - count {
                return Flaw(.lengthMismatch, "\(run.tokens) tokens of a policy at \(place())")
            }
            (count, last) = (count + run.tokens, run.version)
        }
        guard count != trace.tokens.count else { return nil }
        return Flaw(.lengthMismatch, "\(trace.tokens.count) tokens, policies of \(count) at \(place())")
    }

    /// A trace ends with an end token, of which it has no other, or at the limit.
    private func lengthFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        let count = trace.tokens.count
        if count > lengthLimit {
            return Flaw(.wrongLength, "\(count) tokens of \(lengthLimit) at \(place())")
        }
        switch trace.finish {
        case .end:
            if firstEnd(in: trace.tokens) != count - 1 {
                return Flaw(.wrongLength, "the end token is not the last at \(place())")
            }
        case .length:
            if count != lengthLimit || firstEnd(in: trace.tokens) != nil {
                return Flaw(.wrongLength, "\(count) tokens said to reach \(lengthLimit) at \(place())")
            }
        }
        return nil
    }

    /// Where the first end token is; most vocabularies have one, which is compared sooner than hashed.
    private func firstEnd(in tokens: [Int32]) -> Int? {
        guard let first = endTokens.first else { return nil }
        if endTokens.count == 1 { return tokens.firstIndex(of: first) }
        return tokens.firstIndex(where: endTokens.contains)
    }
}
