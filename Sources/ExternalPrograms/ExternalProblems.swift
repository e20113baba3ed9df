package import Foundation
package import Reasoning

/// A program that writes problems as JSON lines: `python3 Scripts/problem-sources/reasoning_gym.py --task chain_sum`.
package struct ExternalProblems: Sendable, Hashable {
    /// The program, looked for in `PATH`, and its arguments.
    package let command: [String]
    /// Longest run of the program, seconds.
    package let timeout: Double

    package init(command: [String], timeout: Double) {
        self.command = command
        self.timeout = timeout
    }

    /// The program's name in errors.
    package var name: String { command.joined(separator: " ") }

    /// Runs the program and returns what it wrote.
    ///
    /// - Throws: `ProblemSourceError.program` when the program does not start, does not end in time, fails,
    ///   or writes too much; it is then killed with everything that it started.
    package func output() throws(ProblemSourceError) -> Data {
        do {
            return try ProgramOutput.read(command, limit: ProblemSet.sizeLimit, seconds: timeout)
        } catch {
            throw .program(command: name, reason: reason(error))
        }
    }

    private func reason(_ failure: ProgramOutput.Failure) -> String {
        switch failure {
        case .notFound: "is not here; problems.command must name a program, its arguments behind it"
        case .notStarted(let reason): "does not start: \(reason)"
        case .tooLarge(let limit):
            "wrote more than \(limit) bytes and was stopped; let it write fewer problems"
        case .timedOut(let seconds):
            "did not end within \(seconds) seconds and was stopped; raise problems.commandTimeout or let it write fewer"
        case .failed(let ending, let said):
            "failed with \(ending)\(said.isEmpty ? "" : " and said: \(said)")"
        }
    }
}
