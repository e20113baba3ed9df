import Reasoning
import Reinforcement
import Scheduling

/// Ways to break a result.
enum EvilResult: CaseIterable {
    case nan, infinite, positive, wrongToken, wrongLogProbability, outOfRange, negativeToken, emptyTrace
    case missingTrace, extraTrace, swappedTraces, wrongVersion, tooLong, truncated, endInTheMiddle,
        lengthMismatch, givenText
    case inventedAttempt, otherIndex

    func broken(_ result: RolloutResult) -> RolloutResult {
        var traces = result.traces
        guard let first = traces.first, traces.count > 1 else { return result }
        var attempt = result.attempt
        switch self {
        case .nan: traces[0] = first.with(last: .nan)
        case .infinite: traces[0] = first.with(last: -.infinity)
        case .positive: traces[0] = first.with(last: 0.5)
        case .wrongToken: traces[0] = first.with(firstToken: first.tokens[0] == 2 ? 3 : 2)
        case .wrongLogProbability: traces[0] = first.with(last: -9)
        case .outOfRange: traces[0] = first.with(firstToken: Int32(Samples.vocabulary))
        case .negativeToken: traces[0] = first.with(firstToken: -1)
        case .emptyTrace: traces[0] = first.with(tokens: [], first.finish)
        case .missingTrace: traces.removeLast()
        case .extraTrace: traces.append(first)
        case .swappedTraces: traces.swapAt(0, 1)
        case .wrongVersion:
            traces[0] = Trace(
                id: first.id, tokens: first.tokens, logProbabilities: first.logProbabilities,
                version: first.version.next, finish: first.finish)
        case .tooLong:
            let tokens = [Int32](repeating: 2, count: Samples.lengthLimit + 1)
            traces[0] = first.with(tokens: tokens, .length)
        case .truncated: traces[0] = first.with(tokens: [2], .length)
        case .endInTheMiddle: traces[0] = first.with(tokens: [Samples.endToken, 3], .end)
        case .lengthMismatch:
            traces[0] = Trace(
                id: first.id, tokens: first.tokens, logProbabilities: first.logProbabilities + [-1],
                version: first.version, finish: first.finish)
        case .givenText: traces[0] = first.withGivenText
        case .inventedAttempt:
            attempt = AttemptID(assignment: attempt.assignment, incarnation: attempt.incarnation, number: 999)
        case .otherIndex:
            attempt = AttemptID(
                assignment: AssignmentID(
                    round: attempt.assignment.round, index: attempt.assignment.index == 0 ? 1 : 0),
                incarnation: attempt.incarnation, number: 1)
        }
        return RolloutResult(attempt: attempt, traces: traces, claims: traces.map { _ in .correct })
    }
}

extension Trace {
    fileprivate func with(last: Float) -> Trace {
        Trace(
            id: id, tokens: tokens, logProbabilities: logProbabilities.dropLast() + [last], version: version,
            finish: finish)
    }

    fileprivate func with(firstToken: Int32) -> Trace {
        Trace(
            id: id, tokens: [firstToken] + tokens.dropFirst(), logProbabilities: logProbabilities,
            version: version, finish: finish)
    }

    fileprivate func with(tokens: [Int32], _ finish: Finish) -> Trace {
        Trace(
            id: id, tokens: tokens, logProbabilities: tokens.map { _ in -1 }, version: version, finish: finish
        )
    }
}
