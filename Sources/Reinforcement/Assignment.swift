package import Reasoning

/// The use of a round's traces.
package enum Purpose: String, Sendable, Hashable, Codable, CaseIterable {
    /// Traces that enter the optimizer step.
    case training
    /// Held-out problems, each sampled once at temperature 1; an answer is right only in the required form.
    case evaluation
    /// The same with the likeliest token at each position.
    case greedy
    /// Held-out problems asked directly; only digits, the minus sign and the end token may be sampled.
    case direct

    /// The measurements of a policy on held-out problems.
    package static let measuring: [Purpose] = [.evaluation, .greedy, .direct]
}

/// A round is everything that is generated for one step and one purpose.
///
///     RoundID(step: 12, purpose: .training)
package struct RoundID: Sendable, Hashable, Codable {
    /// Number of optimizer steps done when the round is used, by the learner or by an evaluation.
    package let step: Int
    package let purpose: Purpose

    package init(step: Int, purpose: Purpose) {
        self.step = step
        self.purpose = purpose
    }

    /// The policy that uses the round; the generating policy is the same, or older when `Staleness` allows
    /// it.
    package var version: PolicyVersion { PolicyVersion(step) }

    /// Hashes the step only: it distinguishes nearly all rounds, and hashing the purpose would hash text for
    /// every message.
    package func hash(into hasher: inout Hasher) { hasher.combine(step) }
}

/// One fixed slice of a round; its contents never depend on the worker that generates it.
package struct AssignmentID: Sendable, Hashable, Codable {
    package let round: RoundID
    /// Index of the slice in its round, from 0.
    package let index: Int

    package init(round: RoundID, index: Int) {
        self.round = round
        self.index = index
    }
}

/// One issue of an assignment to one worker; the ledger counts attempts.
///
/// A reissue is a new attempt.
///
///     AttemptID(assignment: AssignmentID(round: round, index: 0), incarnation: 1, number: 2)
package struct AttemptID: Sendable, Hashable, Codable {
    package let assignment: AssignmentID
    /// The incarnation of the issuing coordinator, which makes the ids of a run's attempts unique.
    package let incarnation: UInt64
    /// Number of the attempt within its assignment and incarnation, from 1.
    package let number: Int

    package init(assignment: AssignmentID, incarnation: UInt64, number: Int) {
        self.assignment = assignment
        self.incarnation = incarnation
        self.number = number
    }
}

/// A problem with its index in a round.
package struct AssignedProblem: Sendable, Hashable, Codable {
    /// Index in the round, from 0; part of the key of every random number drawn for the problem.
    package let index: Int
    package let problem: Problem

    package init(index: Int, problem: Problem) {
        self.index = index
        self.problem = problem
    }
}

/// What a rollout does when newer weights arrive.
package enum OnNewWeights: String, Sendable, Hashable, Codable, CaseIterable {
    /// It generates the whole assignment with the policy that it began with.
    case finish
    /// It continues with the newer policy, which samples the rest of each unfinished trace.
    case `continue`
}

/// k problems × G samples, generated as one batch by one worker.
package struct Assignment: Sendable, Hashable, Codable {
    package let id: AssignmentID
    package let problems: [AssignedProblem]
    /// G, the number of traces per problem.
    package let samples: Int
    /// Seed of the run, which keys the counter-based random numbers.
    package let seed: UInt64
    /// The oldest policy that may sample a token of the assignment.
    package let oldest: PolicyVersion
    package let onNewWeights: OnNewWeights

    /// - Parameter oldest: nil for the round's own version, as in synchronous mode.
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

    /// The policies that may generate the assignment.
    package var versions: ClosedRange<PolicyVersion> { oldest...id.round.version }

    /// Whether a running rollout of the assignment continues with this policy once it is loaded.
    package func goesOn(with version: PolicyVersion) -> Bool {
        onNewWeights == .continue && versions.contains(version)
    }

    package var traceCount: Int { problems.count * samples }

    /// Whether several workers may generate its problems, and return them separately.
    ///
    /// True in asynchronous mode, where the bits depend on timing anyway. In synchronous mode the assignment
    /// is generated, used and reissued whole.
    package var isDivisible: Bool { oldest < id.round.version }

    /// The assignment reduced to some of its problems, given by their indices in the round.
    package func part(_ places: Set<Int>) -> Assignment {
        guard !problems.allSatisfy({ places.contains($0.index) }) else { return self }
        return Assignment(
            id: id, problems: problems.filter { places.contains($0.index) }, samples: samples, seed: seed,
            oldest: oldest, onNewWeights: onNewWeights)
    }
}
