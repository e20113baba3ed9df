import BuiltInVerifiers
import Episodes
import ExternalPrograms
import Reasoning
import Settings

/// Says what answers are worth: a verifier that comes with Ponder, or a program of the user's.
struct Judge {
    let verifier: any Verifier
    private let pool: VerifierPool?

    /// - Throws: `VerifierError`, `CommandFailure`, `ExternalProgramError`.
    init(_ configuration: RunConfiguration) throws {
        verifier = try Verifiers.named(configuration.problems.verifier)
        if configuration.usesProgram, configuration.verifier.command.isEmpty {
            throw CommandFailure(
                .usage, "--verifier external needs its program; give --command 'python3 verify.py'")
        }
        if !configuration.usesProgram, !configuration.verifier.command.isEmpty {
            throw CommandFailure(
                .usage, "--command is the program of --verifier external; leave it out or say so")
        }
        pool = try configuration.program.map { try VerifierPool($0, log: { StandardError.write($0) }) }
    }

    /// One verdict each, in order; nil where there is no answer.
    ///
    /// - Throws: `ExternalProgramError`.
    func verdicts(on answers: [(problem: Problem, answer: Answer?)]) throws -> [Verdict?] {
        guard let pool else {
            return answers.map { problem, answer in
                answer.map { verifier.verdict(on: $0, expected: problem.expected) }
            }
        }
        let questions = answers.compactMap { problem, answer in answer.map { VerifierQuestion(problem, $0) } }
        var verdicts = try pool.waitForVerdicts(on: questions)[...]
        return answers.map { $0.answer == nil ? nil : verdicts.popFirst() }
    }
}
