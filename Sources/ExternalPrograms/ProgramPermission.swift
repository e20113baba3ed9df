/// Which programs a worker may start for a coordinator: those that its own command line names, and no others.
///
/// A coordinator's configuration is a stranger's word, so nothing in it can start anything by itself.
package struct ProgramPermission: Sendable, Hashable {
    /// Each the path of a program, or a whole command line.
    private let allowed: Set<String>

    package static let none = ProgramPermission([])

    package init(_ allowed: [String]) { self.allowed = Set(allowed) }

    /// Interpreters run whatever their arguments say, so their name alone allows nothing.
    private static let interpreters: Set<String> = [
        "sh", "bash", "dash", "zsh", "ksh", "env", "python", "python2", "python3", "pypy3", "perl", "ruby",
        "node",
        "nodejs", "deno", "bun", "php", "lua", "java", "swift", "Rscript", "julia", "awk", "busybox", "xargs",
        "sudo",
        "nice", "timeout", "nohup", "uv",
    ]

    /// - Throws: `ExternalProgramError` with the flag that would allow it.
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
        // python3.12 is python3.
        return interpreters.contains(base) || interpreters.contains(String(base.prefix { $0 != "." }))
    }
}
