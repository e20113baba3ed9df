import BuiltInVerifiers
import Episodes
import ExternalPrograms
import Reasoning
import Settings

/// Says what answers are worth: verifiers that come with Ponder, or a program of the user's.
struct Judge {
    let verifiers: VerifierSet
    private let pool: VerifierPool?

    /// Whether a program may judge.
    var usesProgram: Bool { pool != nil }

    /// - Throws: `VerifierError`, `CommandFailure`, `ExternalProgramError`.
    init(_ configuration: RunConfiguration) throws {
        verifiers = try configuration.verifiers()
        let isExternal = verifiers.standard.name == ExternalVerifier.name
        if isExternal, configuration.verifier.command.isEmpty {
            throw CommandFailure(
                .usage, "--verifier external needs its program; give --command 'python3 verify.py'")
        }
        if !isExternal, !configuration.problems.readsLines, !configuration.verifier.command.isEmpty {
            throw CommandFailure(
                .usage, "--command is the program of --verifier external; leave it out or say so")
        }
        pool = try configuration.externalPrograms.first { $0.command == configuration.verifier.command }
            .map { try VerifierPool($0, log: { StandardError.write($0) }) }
    }

    /// One verdict each, in order; nil where there is no answer.
    ///
    /// - Throws: `ExternalProgramError`, `VerifierError`.
    func verdicts(on answers: [(problem: Problem, answer: Answer?)]) throws -> [Verdict?] {
        var verdicts: [Verdict?] = []
        var questions: [VerifierQuestion] = []
        var asked: [Int] = []
        for (problem, answer) in answers {
            let verifier = try verifiers.verifier(of: problem)
            if let answer, verifier.program != nil {
                asked.append(verdicts.count)
                questions.append(VerifierQuestion(problem, answer))
            }
            verdicts.append(answer.map { verifier.verdict(on: $0, expected: problem.expected) })
        }
        if let pool {
            for (place, verdict) in zip(asked, try pool.waitForVerdicts(on: questions)) {
                verdicts[place] = verdict
            }
        }
        return verdicts
    }
}
