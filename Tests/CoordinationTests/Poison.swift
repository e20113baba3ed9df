import Reinforcement
import Scheduling

/// Ways in which a result can be wrong.
enum Poison: String, CaseIterable, Sendable {
    case notANumber, positive, tokenBeyondVocabulary, emptyTrace, otherLogProbabilities, foreignText

    func spoil(_ trace: Trace) -> Trace {
        var tokens = trace.tokens
        var values = trace.logProbabilities
        switch self {
        case .notANumber: values[0] = .nan
        case .positive: values[0] = 0.5
        case .tokenBeyondVocabulary: tokens[0] = 30_000
        case .emptyTrace: (tokens, values) = ([], [])
        case .otherLogProbabilities: values = values.map { $0 - 0.5 }
        case .foreignText: if tokens.count > 1 { tokens[0] = 60 }
        }
        return Trace(
            id: trace.id, tokens: tokens, logProbabilities: values, version: trace.version,
            finish: trace.finish)
    }

    var reason: DropReason {
        switch self {
        case .notANumber, .positive: .invalidLogProbability
        case .tokenBeyondVocabulary: .tokenOutOfRange
        case .emptyTrace: .emptyTrace
        case .otherLogProbabilities, .foreignText: .auditFailed
        }
    }

    /// The worker's messages with every trace of its results spoiled.
    func spoil(_ message: WorkerMessage) -> [WorkerMessage] {
        guard case .result(let result) = message else { return [message] }
        return [
            .result(
                RolloutResult(
                    attempt: result.attempt, traces: result.traces.map(spoil), claims: result.claims))
        ]
    }
}
