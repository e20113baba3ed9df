/// A user's program that is told of an event of a run, in environment variables.
package enum HookProgram {
    /// Bytes of output that are read and forgotten; a program that writes more is stopped.
    private static let outputLimit = 1 << 20

    /// Runs the program to its end, and no longer than `seconds`; it is then killed with everything that it started.
    ///
    /// - Parameter environment: variables in addition to this process's own.
    /// - Returns: what went wrong, as the end of a sentence about the program; nil when it ended with 0.
    package static func run(
        _ command: [String], environment: [String: String], seconds: Double
    ) -> String? {
        do {
            _ = try ProgramOutput.read(
                command, environment: environment, limit: outputLimit, seconds: seconds)
            return nil
        } catch {
            return switch error {
            case .notFound: "is not here: hooks.alarm and hooks.end name a program and its arguments"
            case .notStarted(let reason): "does not start: \(reason)"
            case .tooLarge(let limit): "wrote more than \(limit) bytes and was stopped"
            case .timedOut(let seconds): "did not end within \(seconds) s (hooks.timeout) and was stopped"
            case .failed(let ending, let said):
                "failed with \(ending)\(said.isEmpty ? "" : " and said: \(said)")"
            }
        }
    }
}
