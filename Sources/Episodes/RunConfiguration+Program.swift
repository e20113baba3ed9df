package import ExternalPrograms
package import Settings

extension RunConfiguration {
    /// The program of an external verifier; nil when the verifier is built in.
    package var program: ExternalProgram? {
        guard usesProgram else { return nil }
        var program = ExternalProgram(command: verifier.command)
        program.processes = verifier.processes
        program.inFlight = verifier.inFlight
        program.timeout = .seconds(verifier.timeout)
        program.startup = .seconds(verifier.startup)
        program.memory = verifier.memory
        return program
    }
}
