import Reinforcement

/// Checks everything in a result that needs no tensor; a result that fails here never reaches the learner.
struct TraceCheck: Sendable {
    let assignment: Assignment
    let vocabulary: Int
    /// Tokens that end a response.
    let endTokens: Set<Int32>
    let lengthLimit: Int
    /// The newest published policy.
    let newest: PolicyVersion
    /// Whether a trace may contain text that no policy sampled.
    ///
    /// No run sets it yet, so a run refuses every given text.
    var allowsGivenText = false

    typealias Flaw = (reason: DropReason, detail: String)

    /// The first flaw; nil for valid traces.
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

    /// The expected problems: all of them, or, when an assignment may come back in parts, those that came.
    private func problems(of traces: [Trace]) -> [AssignedProblem] {
        guard assignment.isDivisible else { return assignment.problems }
        let places = Set(traces.map(\.id.problem))
        return assignment.problems.filter { places.contains($0.index) }
    }

    private func flaw(in trace: Trace, wanted: SampleID) -> Flaw? {
        // Built only when a flaw is reported, because thousands of traces a second take this path.
        var place: String { "problem \(wanted.problem), sample \(wanted.sample)" }
        if trace.id != wanted {
            return (.wrongSamples, "problem \(trace.id.problem), sample \(trace.id.sample) at \(place)")
        }
        if let flaw = segmentFlaw(in: trace, place: place) { return flaw }
        let sampled = trace.sampledCount
        if sampled == 0 { return (.emptyTrace, place) }
        if sampled != trace.logProbabilities.count {
            return (
                .lengthMismatch,
                "\(sampled) sampled tokens, \(trace.logProbabilities.count) log-probabilities at \(place)"
            )
        }
        for token in trace.tokens where token < 0 || Int(token) >= vocabulary {
            return (.tokenOutOfRange, "token \(token) of \(vocabulary) at \(place)")
        }
        // Every comparison with NaN is false, so NaN fails this check too.
        for value in trace.logProbabilities where !(value <= 0 && value > -.infinity) {
            return (.invalidLogProbability, "\(value) at \(place)")
        }
        return lengthFlaw(in: trace, place: place)
    }

    /// Checks that the segments cover the tokens, and that every sampled token's policy is within the
    /// staleness bound.
    private func segmentFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        var (count, last) = (0, PolicyVersion?.none)
        var isAfterSampled = false
        for segment in trace.segments {
            if let version = segment.version {
                if let flaw = versionFlaw(version, after: last, isAfterSampled, place: place()) {
                    return flaw
                }
                last = version
            } else if !allowsGivenText {
                return (.givenText, "\(segment.tokens) tokens that no policy sampled at \(place())")
            }
            if segment.tokens < 1 || segment.tokens > trace.tokens.count - count {
                return (.lengthMismatch, "a segment of \(segment.tokens) tokens at \(place())")
            }
            isAfterSampled = segment.version != nil
            count += segment.tokens
        }
        guard count != trace.tokens.count else { return nil }
        return (.lengthMismatch, "\(trace.tokens.count) tokens, segments of \(count) at \(place())")
    }

    /// - Parameters:
    ///   - last: the policy of the previous sampled segment; nil for the first one.
    ///   - isAdjacent: whether the two segments are neighbours; their policies must then differ.
    private func versionFlaw(
        _ version: PolicyVersion, after last: PolicyVersion?, _ isAdjacent: Bool,
        place: @autoclosure () -> String
    ) -> Flaw? {
        let newest = min(newest, assignment.id.round.version)
        if version < assignment.oldest || version > newest {
            return (
                .staleVersion,
                "policy \(version.rawValue) at \(place()), not \(assignment.oldest.rawValue) to \(newest.rawValue)"
            )
        }
        guard let last else { return nil }
        let isAllowed = version == last ? !isAdjacent : version > last && assignment.onNewWeights == .continue
        if isAllowed { return nil }
        return (
            .staleVersion, "policy \(version.rawValue) after \(last.rawValue) in one trace at \(place())"
        )
    }

    /// Checks that a trace ends with its only sampled end token, or with the last token that the limit
    /// allows.
    private func lengthFlaw(in trace: Trace, place: @autoclosure () -> String) -> Flaw? {
        let count = trace.sampledCount
        if count > lengthLimit {
            return (.wrongLength, "\(count) tokens of \(lengthLimit) at \(place())")
        }
        if trace.segments.last?.version == nil {
            return (.wrongLength, "a given text is the last segment at \(place())")
        }
        let end = trace.sampled.lazy.compactMap { firstEnd(in: trace.tokens[$0]) }.first
        switch trace.finish {
        case .end:
            if end != trace.tokens.count - 1 {
                return (.wrongLength, "the end token is not the last at \(place())")
            }
        case .length:
            if count != lengthLimit || end != nil {
                return (.wrongLength, "\(count) tokens said to reach \(lengthLimit) at \(place())")
            }
        }
        return nil
    }

    /// Index of the first end token; most vocabularies have one end token, and comparing is faster than
    /// hashing.
    private func firstEnd(in tokens: ArraySlice<Int32>) -> Int? {
        guard let first = endTokens.first else { return nil }
        if endTokens.count == 1 { return tokens.firstIndex(of: first) }
        return tokens.firstIndex(where: endTokens.contains)
    }
}
