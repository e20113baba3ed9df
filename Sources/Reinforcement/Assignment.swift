package import Reasoning

/// What the traces of a round are for.
package enum Purpose: String, Sendable, Hashable, Codable {
    /// They enter the optimizer step.
    case training
    /// Held-out problems, one sample each, right only in the form.
    case evaluation
    /// Held-out problems asked directly: only digits, minus and the end token may be sampled.
    case direct
}

/// A round is everything that is generated for one step and one purpose.
///
///     RoundID(step: 12, purpose: .training)
package struct RoundID: Sendable, Hashable, Codable {
    /// Optimizer steps done when the round is used: by the learner, or by a measurement.
    package let step: Int
    package let purpose: Purpose

    package init(step: Int, purpose: Purpose) {
        self.step = step
        self.purpose = purpose
    }

    /// The policy that uses it; what generates it is the same, or older where `Staleness` allows it.
    package var version: PolicyVersion { PolicyVersion(step) }
}

/// One fixed slice of a round; its composition never depends on who generates it.
package struct AssignmentID: Sendable, Hashable, Codable {
    package let round: RoundID
    /// Place of the slice in its round, from 0.
    package let index: Int

    package init(round: RoundID, index: Int) {
        self.round = round
        self.index = index
    }
}

/// One handing-out of an assignment to one worker; the unit of the ledger.
///
/// A reissue is a new attempt.
///
///     AttemptID(assignment: AssignmentID(round: round, index: 0), epoch: 1, number: 2)
package struct AttemptID: Sendable, Hashable, Codable {
    package let assignment: AssignmentID
    /// The coordinator's life that handed it out, so that no two attempts of a run share a name.
    package let epoch: UInt64
    /// From 1, counted in its assignment and epoch.
    package let number: Int

    package init(assignment: AssignmentID, epoch: UInt64, number: Int) {
        self.assignment = assignment
        self.epoch = epoch
        self.number = number
    }
}

/// A problem at its place in a round.
package struct AssignedProblem: Sendable, Hashable, Codable {
    /// Place in the round, from 0; part of the key of every random number drawn for it.
    package let index: Int
    package let problem: Problem

    package init(index: Int, problem: Problem) {
        self.index = index
        self.problem = problem
    }
}

/// What a worker does that gets newer weights while it generates.
package enum OnNewWeights: String, Sendable, Hashable, Codable, CaseIterable {
    /// It generates the whole assignment with the policy that it began with.
    case finish
    /// It goes on with the newer policy: the rest of each trace that is not done is that policy's.
    case `continue`
}

/// k problems × G samples, generated as one batch by one worker.
package struct Assignment: Sendable, Hashable, Codable {
    package let id: AssignmentID
    package let problems: [AssignedProblem]
    /// G, traces per problem.
    package let samples: Int
    /// Seed of the run; keys the counter-based random numbers.
    package let seed: UInt64
    /// The oldest policy that may generate any token of it.
    package let oldest: PolicyVersion
    package let onNewWeights: OnNewWeights

    /// - Parameter oldest: nil for the round's own version, the synchronous mode.
    package init(
        id: AssignmentID, problems: [AssignedProblem], samples: Int, seed: UInt64,
        oldest: PolicyVersion? = nil, onNewWeights: OnNewWeights = .finish
    ) {
        self.onNewWeights = onNewWeights
        self.id = id
        self.oldest = min(oldest ?? id.round.version, id.round.version)
        self.problems = problems
        self.samples = samples
        self.seed = seed
    }

    /// The policies that may generate it.
    package var versions: ClosedRange<PolicyVersion> { oldest...id.round.version }

    /// Whether a rollout of it that has begun goes on with this policy as soon as it is there.
    package func goesOn(with version: PolicyVersion) -> Bool {
        onNewWeights == .continue && versions.contains(version)
    }

    package var traceCount: Int { problems.count * samples }
}
