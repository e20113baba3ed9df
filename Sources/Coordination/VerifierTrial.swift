import Episodes
import ExternalPrograms
import Foundation
import Reasoning
import Settings
import Synchronization

/// Tests the programs that judge answers before a run begins, so that a broken one is found before anything is
/// written.
enum VerifierTrial {
    /// Asks each program for a verdict on the expected answer of the first problem that it judges; any verdict passes.
    ///
    /// - Throws: `ExternalProgramError`; `SettingError` for a program that judges nothing.
    static func run(_ configuration: RunConfiguration, _ plan: RoundPlan) throws {
        let scorer = try configuration.scorer()
        for var program in configuration.externalPrograms {
            let problems = try (plan.source.finite ?? [plan.source.trainingProblem(0)]) + plan.heldOut
            guard
                let problem = problems.first(where: { problem in
                    scorer.judges(of: problem).contains { $0.program == program.command }
                })
            else {
                throw SettingError(
                    setting: "verifier.command", value: ShellWords.quoted(program.command),
                    remedy: "no problem is judged by it: set problems.verifier: external, or name it in lines"
                )
            }
            // A coordinator that audits no verdicts does not need the program, although the workers do.
            guard configuration.audit.verifierRate > 0 else { continue }
            program.processes = 1
            let log = Mutex<[String]>([])
            let pool = try VerifierPool(program) { line in log.withLock { $0 = ($0 + [line]).suffix(20) } }
            let verdicts = try pool.waitForVerdicts(on: [
                VerifierQuestion(problem, Answer(direct: AcceptedAnswers(text: problem.expected).answers[0]))
            ])
            if verdicts == [.undecided] {
                throw ExternalProgramError(
                    program.command,
                    "it cannot judge the expected answer of the first problem, '\(problem.expected.prefix(80))': "
                        + (log.withLock { $0.last } ?? "no reason is known"))
            }
        }
    }
}
