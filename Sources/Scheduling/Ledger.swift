/// Why an attempt ended without being used or expiring; each reason is a counter in `status`.
package enum DropReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// Another attempt of the same assignment was used first.
    case superseded
    /// The worker gave it back before its end.
    case returned
    /// The worker said that it could not generate it.
    case failed
    /// The transport cannot carry it.
    case unsendable
    /// It was sent again and again, and the worker, which was heard, did not take it.
    case undeliverable
    /// A new process took the worker's place.
    case lost
    /// The run ended or its round was closed.
    case cancelled
    /// The coordinator ended while it was out.
    case coordinatorRestarted
    /// The policy version is not the round's, or is beyond the staleness bound.
    case staleVersion
    /// Not exactly the assignment's samples, in their order.
    case wrongSamples
    case emptyTrace
    /// Longer than the limit of new tokens, or finished in a way that its tokens contradict.
    case wrongLength
    /// The segments do not cover the tokens exactly, or a sampled token has no log-probability of its own.
    case lengthMismatch
    /// Text that no policy sampled, in a response that only a policy writes.
    case givenText
    case tokenOutOfRange
    /// A log-probability is NaN, infinite or positive.
    case invalidLogProbability
    /// The log-probabilities are not those of the policy.
    case auditFailed
    /// The response cannot be decoded or scored.
    case unscorable
}

/// Why a result was acknowledged and left unused because no outstanding attempt waits for it.
package enum LateReason: String, Sendable, Hashable, Codable, CaseIterable, CodingKeyRepresentable {
    /// The attempt was already used, or was answered before.
    case duplicate
    /// The attempt had ended: expired, returned, superseded or lost.
    case ended
    /// An earlier incarnation of the coordinator handed it out.
    case staleIncarnation
    /// Never handed out.
    case unknownAttempt
    /// Handed out to another worker.
    case foreignLease
}

/// Where every attempt went: issued = used + dropped + expired + outstanding, at all times.
///
/// Late results are counted beside the sum, because their attempts have been counted already.
package struct Ledger: Sendable, Hashable, Codable {
    package private(set) var issued = 0
    package private(set) var used = 0
    package private(set) var expired = 0
    package private(set) var outstanding = 0
    package private(set) var dropped: [DropReason: Int] = [:]
    package private(set) var late: [LateReason: Int] = [:]
    /// Attempts issued although another one at the same assignment was out; part of `issued`.
    package private(set) var speculative = 0

    package init() {}

    /// Whether the sum closes and nothing is below zero.
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

    /// The ledger as the next coordinator starts with it: what was out when this one was saved is dropped.
    package func resumed() -> Ledger {
        var ledger = self
        for _ in 0..<outstanding { ledger.drop(.coordinatorRestarted) }
        return ledger
    }
}
