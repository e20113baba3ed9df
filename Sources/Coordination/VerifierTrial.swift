import Episodes
import ExternalPrograms
import Foundation
import Reasoning
import Settings
import Synchronization

/// Tests an external verifier before a run begins, so that a broken program is found before anything is
/// written.
enum VerifierTrial {
    /// Asks for a verdict on the expected answer of the first problem; any verdict passes.
    ///
    /// - Throws: `ExternalProgramError`.
    static func run(_ configuration: RunConfiguration, _ plan: RoundPlan) throws {
        // A coordinator that audits no verdicts does not need the program, although the workers do.
        guard var program = configuration.program, configuration.audit.verifierRate > 0 else { return }
        program.processes = 1
        let log = Mutex<[String]>([])
        let pool = try VerifierPool(program) { line in log.withLock { $0 = ($0 + [line]).suffix(20) } }
        let problem = try plan.source.trainingProblem(0)
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
