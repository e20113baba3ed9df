/// The programs that a worker may start for a coordinator: only those that its own command line names.
///
/// A coordinator's configuration is untrusted, so nothing in it can start a program by itself.
package struct ProgramPermission: Sendable, Hashable {
    /// Paths of programs and whole command lines.
    private let allowed: Set<String>

    package static let none = ProgramPermission([])

    package init(_ allowed: [String]) { self.allowed = Set(allowed) }

    /// An interpreter runs what its arguments say, so its name alone allows nothing.
    private static let interpreters: Set<String> = [
        "sh", "bash", "dash", "zsh", "ksh", "env", "python", "python2", "python3", "pypy3", "perl", "ruby",
        "node",
        "nodejs", "deno", "bun", "php", "lua", "java", "swift", "Rscript", "julia", "awk", "busybox", "xargs",
        "sudo",
        "nice", "timeout", "nohup", "uv",
    ]

    /// - Throws: `ExternalProgramError`, which names the flag that would allow the program.
    package func check(_ program: ExternalProgram) throws(ExternalProgramError) {
        let line = ShellWords.quoted(program.command)
        if !program.command.isEmpty, allowed.contains(line) { return }
        guard let name = program.command.first, allowed.contains(name), !Self.isInterpreter(name) else {
            throw ExternalProgramError(
                program.command,
                "this worker may not run it; start the worker with --allow-verifier \(ShellWords.quoted([line])) if you trust it"
            )
        }
    }

    private static func isInterpreter(_ name: String) -> Bool {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        // python3.12 counts as python3.
        return interpreters.contains(base) || interpreters.contains(String(base.prefix { $0 != "." }))
    }
}
