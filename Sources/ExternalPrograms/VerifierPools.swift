package import Reasoning

/// The pools of all programs that judge a run's answers, by command.
package struct VerifierPools: Sendable {
    private let pools: [[String]: VerifierPool]

    /// - Parameter log: receives a line for every fault of a program, and what it writes to its standard error.
    /// - Throws: `ExternalProgramError` when a program is missing.
    package init(
        _ programs: [ExternalProgram], log: @escaping @Sendable (String) -> Void
    ) throws(ExternalProgramError) {
        var pools: [[String]: VerifierPool] = [:]
        for program in programs { pools[program.command] = try VerifierPool(program, log: log) }
        self.pools = pools
    }

    package var isEmpty: Bool { pools.isEmpty }

    /// Completes the verdicts on answers: each program gives those of its own judges.
    ///
    /// - Parameter judged: each answer with its problem, its judges and their verdicts; what a program decides is replaced.
    /// - Returns: [answers][judges]
    /// - Throws: `ExternalProgramError` when a program does not work at all.
    package func verdicts(
        on judged: [(problem: Problem, answer: Answer, judges: [any Verifier])]
    ) async throws -> [[Verdict]] {
        var verdicts = judged.map { item in
            item.judges.map { $0.verdict(on: item.answer, expected: item.problem.expected) }
        }
        try await withThrowingTaskGroup(of: [(answer: Int, judge: Int, verdict: Verdict)].self) { tasks in
            for (command, pool) in pools {
                let places = judged.indices.flatMap { answer in
                    judged[answer].judges.indices.filter { judged[answer].judges[$0].program == command }
                        .map { (answer: answer, judge: $0) }
                }
                let questions = places.map {
                    VerifierQuestion(judged[$0.answer].problem, judged[$0.answer].answer)
                }
                tasks.addTask {
                    zip(places, try await pool.verdicts(on: questions)).map { ($0.answer, $0.judge, $1) }
                }
            }
            for try await part in tasks {
                for (answer, judge, verdict) in part { verdicts[answer][judge] = verdict }
            }
        }
        return verdicts
    }

    /// Ends every process and waits for it.
    package func close() async {
        for pool in pools.values { await pool.close() }
    }
}
