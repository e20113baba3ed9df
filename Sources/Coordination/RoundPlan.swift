package import Reasoning
package import Reinforcement
package import RunStore

/// Cuts what a step asks into assignments: a function of configuration, seed and step, and of nothing else.
package struct RoundPlan: Sendable {
    package let configuration: RunConfiguration
    package let source: any ProblemSource
    /// Held-out problems that measurements ask.
    package let heldOut: [Problem]

    /// - Throws: `ProblemSourceError`, `SettingError`, `VerifierError`.
    package init(_ configuration: RunConfiguration) throws {
        self.configuration = configuration
        source = try Self.source(of: configuration)
        heldOut = Array(
            try source.heldOut(configuration.problems.heldOut).prefix(configuration.evaluation.problems))
    }

    /// Where a configuration's problems come from.
    ///
    /// - Throws: `ProblemSourceError`, `SettingError`, `VerifierError`.
    package static func source(of configuration: RunConfiguration) throws -> any ProblemSource {
        switch configuration.problems.source {
        case .bills: BillsSource(try configuration.billSizes(), seed: configuration.seed)
        case .sums: GeneratedSource(try configuration.sums(), seed: configuration.seed)
        case .jsonlines:
            try JSONLinesSource(
                path: configuration.problems.path ?? "",
                verifier: try Verifiers.named(configuration.problems.verifier), seed: configuration.seed)
        }
    }

    /// - Parameters:
    ///   - step: steps done when the round is learned from.
    ///   - cursor: problems drawn from the source before.
    package func training(step: Int, cursor: Int) throws -> [Assignment] {
        let problems = try (0..<configuration.rollout.problems).map {
            AssignedProblem(index: $0, problem: try source.trainingProblem(cursor + $0))
        }
        return cut(
            problems, RoundID(step: step, purpose: .training), samples: configuration.rollout.samples,
            size: configuration.rollout.assignmentProblems,
            oldest: Staleness(bound: configuration.staleness).versions(at: PolicyVersion(step)).lowerBound)
    }

    /// - Parameter purpose: `.evaluation` or `.direct`.
    package func measuring(step: Int, _ purpose: Purpose) -> [Assignment] {
        let problems = heldOut.enumerated().map { AssignedProblem(index: $0, problem: $1) }
        // As many traces as an assignment of training has, so that it fits wherever that does.
        let size = configuration.rollout.assignmentProblems * configuration.rollout.samples
        return cut(problems, RoundID(step: step, purpose: purpose), samples: 1, size: size)
    }

    private func cut(
        _ problems: [AssignedProblem], _ round: RoundID, samples: Int, size: Int, oldest: PolicyVersion? = nil
    ) -> [Assignment] {
        stride(from: 0, to: problems.count, by: size).enumerated().map { index, start in
            Assignment(
                id: AssignmentID(round: round, index: index),
                problems: Array(problems[start..<min(start + size, problems.count)]), samples: samples,
                seed: configuration.seed, oldest: oldest)
        }
    }

    /// The assignment that a problem of a round belongs to.
    package func assignment(of problem: Int, in round: RoundID) -> AssignmentID {
        let size = configuration.rollout.assignmentProblems
        let factor = round.purpose == .training ? 1 : configuration.rollout.samples
        return AssignmentID(round: round, index: problem / (size * factor))
    }
}
