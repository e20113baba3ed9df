package import ExternalPrograms
package import Settings

extension RunConfiguration {
    /// The programs that judge answers, with their limits.
    package var externalPrograms: [ExternalProgram] {
        programs.map { command in
            var program = ExternalProgram(command: command)
            program.processes = verifier.processes
            program.inFlight = verifier.inFlight
            program.timeout = .seconds(verifier.timeout)
            program.startup = .seconds(verifier.startup)
            program.memory = verifier.memory
            return program
        }
    }
}
