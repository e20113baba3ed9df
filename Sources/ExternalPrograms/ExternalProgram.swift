import Foundation

/// A user's program that judges answers, and the limits on its use.
///
///     ExternalProgram(command: ["python3", "Scripts/verifiers/math_verify.py"])
package struct ExternalProgram: Sendable, Hashable {
    /// The program and its arguments; a name without a slash is looked up in `PATH`.
    package var command: [String]
    /// Processes that judge side by side.
    package var processes = 2
    /// Answers that one process holds at a time.
    package var inFlight = 8
    /// Longest wait for one answer's verdict.
    package var timeout = Duration.seconds(10)
    /// Longest start, before the first verdict of the first process.
    package var startup = Duration.seconds(30)
    /// Address space of each process in MiB; 0 sets no limit.
    package var memory = 2048

    package init(command: [String]) { self.command = command }

    /// The file that the command starts.
    ///
    /// - Throws: `ExternalProgramError` when there is no such file that may be executed.
    package func locate() throws(ExternalProgramError) -> String {
        guard let name = command.first, !name.isEmpty else {
            throw ExternalProgramError(
                command, "names no program; give verifier.command its words, as [python3, verify.py]")
        }
        let isPath = name.contains("/")
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let places = isPath ? [name] : search.split(separator: ":").map { "\($0)/\(name)" }
        var isDirectory: ObjCBool = false
        for place in places where FileManager.default.isExecutableFile(atPath: place) {
            if FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory),
                !isDirectory.boolValue
            {
                return place
            }
        }
        guard isPath, FileManager.default.fileExists(atPath: name) else {
            throw ExternalProgramError(
                command,
                isPath
                    ? "there is no file \(name); check its path"
                    : "there is no \(name) in PATH; give its path")
        }
        throw ExternalProgramError(
            command, "\(name) is not an executable file; run chmod +x, or name its interpreter first")
    }
}

/// Why a program cannot be used, and what to do.
package struct ExternalProgramError: Error, Sendable, Hashable, CustomStringConvertible {
    package let command: String
    package let reason: String

    package init(_ command: [String], _ reason: String) {
        self.command = ShellWords.quoted(command)
        self.reason = reason
    }

    package var description: String { "external verifier '\(command)': \(reason)" }
}
