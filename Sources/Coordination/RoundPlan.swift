import ExternalPrograms
package import Foundation
package import Reasoning
package import Reinforcement
package import RunStore
package import Settings
import Wire

/// Divides the problems of a step into assignments; depends only on configuration, seed and step.
package struct RoundPlan: Sendable {
    package let configuration: RunConfiguration
    package let source: any ProblemSource
    /// Held-out problems that evaluations ask.
    package let heldOut: [Problem]
    /// How many problems are kept from training, at least as many as evaluations ask.
    package let heldOutCount: Int

    /// Output of the program of source `external`; nil for every other source.
    package let written: Data?

    /// The problems, as a run remembers them.
    package let record: ProblemRecord

    /// - Parameters:
    ///   - written: output of the program of source `external` at the run's start; when nil, the program is run.
    ///   - keepsFifth: whether all questions that the hash chooses are kept from training.
    /// - Throws: `ProblemSourceError`, `SettingError`, `VerifierError`.
    package init(_ configuration: RunConfiguration, written: Data? = nil, keepsFifth: Bool = false) throws {
        self.configuration = configuration
        self.written = try written ?? Self.program(of: configuration)?.output()
        (source, record) = try Self.source(of: configuration, written: self.written, keepsFifth: keepsFifth)
        let kept = try source.heldOut(configuration.problems.heldOut)
        heldOutCount = kept.count
        let asked = configuration.evaluation.problems ?? max(1, min(HeldOut.limit, kept.count))
        guard asked <= kept.count else {
            throw ProblemSourceError.tooFew(
                source: configuration.problems.path ?? configuration.problems.source.rawValue, asked: asked,
                found: kept.count, setting: "evaluation.problems")
        }
        heldOut = Array(kept.prefix(asked))
    }

    private static func program(of configuration: RunConfiguration) -> ExternalProblems? {
        let problems = configuration.problems
        guard problems.source == .external else { return nil }
        return ExternalProblems(command: problems.command, timeout: problems.commandTimeout)
    }

    private static func source(
        of configuration: RunConfiguration, written: Data?, keepsFifth: Bool
    ) throws -> (any ProblemSource, ProblemRecord) {
        let problems = configuration.problems
        let seed = configuration.seed
        if let maker = problems.maker {
            return (maker.source(seed: seed), ProblemRecord(keepsFifth: keepsFifth))
        }
        let verifiers = try configuration.verifiers()
        func set(_ path: String) throws -> ProblemSet {
            try ProblemSet(path: path, verifiers: verifiers, options: problems.lines)
        }
        let all =
            if let written {
                try ProblemSet(
                    contents: written, file: program(of: configuration)?.name ?? "", verifiers: verifiers,
                    options: problems.lines)
            } else {
                try set(problems.path ?? "")
            }
        let other = try problems.heldOutPath.map(set)
        let rule =
            other.map { JSONLinesSource.HoldingOut.file($0, problems.heldOut) }
            ?? (keepsFifth ? .fifth : .first(problems.heldOut))
        return (
            try JSONLinesSource(all, seed: seed, holdingOut: rule),
            // The run's folder keeps what a program wrote.
            ProblemRecord(
                problems: written == nil ? all.digest : nil, heldOut: other?.digest, keepsFifth: keepsFifth)
        )
    }

    /// - Parameters:
    ///   - step: steps done when the learner uses the round.
    ///   - cursor: number of problems drawn from the source before.
    ///   - curriculum: draws the problems instead of the source's order; nil for none.
    /// - Throws: `ProblemSourceError`; `SettingError` for an assignment that is too large to be sent to a worker.
    package func training(step: Int, cursor: Int, _ curriculum: Curriculum? = nil) throws -> [Assignment] {
        let count = configuration.rollout.problems
        let drawn =
            if let curriculum, let all = source.finite {
                curriculum.draw(count, of: all, step: step)
            } else {
                try (0..<count).map { try source.trainingProblem(cursor + $0) }
            }
        let problems = drawn.enumerated().map { AssignedProblem(index: $0, problem: $1) }
        return try cut(
            problems, RoundID(step: step, purpose: .training), samples: configuration.rollout.samples,
            size: configuration.rollout.assignmentProblems,
            oldest: Staleness(bound: configuration.staleness).versions(at: PolicyVersion(step)).lowerBound,
            onNewWeights: configuration.rollout.onNewWeights)
    }

    /// - Parameter purpose: one of `Purpose.measuring`.
    /// - Throws: `SettingError` for an assignment that is too large to be sent to a worker.
    package func measuring(step: Int, _ purpose: Purpose) throws -> [Assignment] {
        let problems = heldOut.enumerated().map { AssignedProblem(index: $0, problem: $1) }
        // At most as many traces as a training assignment has, so that the message fits wherever that one
        // fits.
        let size = min(
            configuration.rollout.assignmentProblems * configuration.rollout.samples,
            MessageCoder.problemLimit)
        return try cut(problems, RoundID(step: step, purpose: purpose), samples: 1, size: size)
    }

    private func cut(
        _ problems: [AssignedProblem], _ round: RoundID, samples: Int, size: Int,
        oldest: PolicyVersion? = nil,
        onNewWeights: OnNewWeights = .finish
    ) throws -> [Assignment] {
        try stride(from: 0, to: problems.count, by: size).enumerated().map { index, start in
            let assignment = Assignment(
                id: AssignmentID(round: round, index: index),
                problems: Array(problems[start..<min(start + size, problems.count)]), samples: samples,
                seed: configuration.seed, oldest: oldest, onNewWeights: onNewWeights)
            do {
                try MessageCoder.requireSendable(assignment)
            } catch {
                throw SettingError(
                    setting: "rollout.assignmentProblems",
                    value: "\(configuration.rollout.assignmentProblems)",
                    remedy:
                        "\(assignment.id), from problem '\(problems[start].problem.id)' on, cannot be sent to a worker "
                        + "(\(error)); lower it, or shorten the problems")
            }
            return assignment
        }
    }
}
