/// Why an attempt ended without being used and without expiring; each reason is a counter in `status`.
package enum DropReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// Another attempt of the same assignment was used first.
    case superseded
    /// The worker returned it unfinished.
    case returned
    /// The worker reported that it could not generate it.
    case failed
    /// The transport cannot carry the assignment.
    case unsendable
    /// It was sent repeatedly, and the worker, though alive, did not accept it.
    case undeliverable
    /// A new process took the worker's place.
    case lost
    /// The run ended, or the round was closed.
    case cancelled
    /// The coordinator ended while the attempt was out.
    case coordinatorRestarted
    /// The policy version is not the round's, or exceeds the staleness bound.
    case staleVersion
    /// The traces are not exactly the assignment's samples in order.
    case wrongSamples
    case emptyTrace
    /// A trace is longer than the limit of new tokens, or its tokens contradict the way it finished.
    case wrongLength
    /// The segments do not cover the tokens exactly, or log-probabilities and sampled tokens differ in
    /// number.
    case lengthMismatch
    /// A trace contains text that no policy sampled, where only sampled text is allowed.
    case givenText
    case tokenOutOfRange
    /// A log-probability is NaN, infinite or positive.
    case invalidLogProbability
    /// The log-probabilities differ from those of the policy.
    case auditFailed
    /// The response cannot be decoded or scored.
    case unscorable
}

/// Why a result was acknowledged and left unused: no outstanding attempt expects it.
package enum LateReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// The attempt was already used or answered.
    case duplicate
    /// The attempt had ended: expired, returned, superseded or lost.
    case ended
    /// An earlier incarnation of the coordinator handed it out.
    case staleIncarnation
    /// The attempt was never handed out.
    case unknownAttempt
    /// The attempt was handed out to another worker.
    case foreignLease
}

/// Counts what happened to every attempt: issued = used + dropped + expired + outstanding, at all times.
///
/// Late results are counted outside the sum, because their attempts are already in it.
package struct Ledger: Sendable, Hashable, Codable {
    package private(set) var issued = 0
    package private(set) var used = 0
    package private(set) var expired = 0
    package private(set) var outstanding = 0
    package private(set) var dropped: [DropReason: Int] = [:]
    package private(set) var late: [LateReason: Int] = [:]
    /// Attempts issued while another one at the same assignment was out; part of `issued`.
    package private(set) var speculative = 0

    package init() {}

    /// Whether the sum holds and no count is negative.
    package var closes: Bool {
        issued == used + dropped.values.reduce(0, +) + expired + outstanding && outstanding >= 0
    }

    package mutating func issue(speculative isSpeculative: Bool = false) {
        issued += 1
        outstanding += 1
        if isSpeculative { speculative += 1 }
    }

    package mutating func use() {
        outstanding -= 1
        used += 1
    }

    package mutating func drop(_ reason: DropReason) {
        outstanding -= 1
        dropped[reason, default: 0] += 1
    }

    package mutating func expire() {
        outstanding -= 1
        expired += 1
    }

    package mutating func arriveLate(_ reason: LateReason) { late[reason, default: 0] += 1 }

    /// The ledger with which the next coordinator starts: attempts that were out at the time of the save
    /// count as dropped.
    package func resumed() -> Ledger {
        var ledger = self
        for _ in 0..<outstanding { ledger.drop(.coordinatorRestarted) }
        return ledger
    }
}
