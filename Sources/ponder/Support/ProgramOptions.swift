import ArgumentParser
import ExternalPrograms
import Settings

/// The program of `--verifier external`, and its limits.
struct ProgramOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The program of --verifier external, as words or as one quoted text.", valueName: "word"))
    var command: [String] = []

    @Option(help: ArgumentHelp("Processes of the program. (default: 2)", valueName: "n"))
    var processes: Int?

    @Option(help: ArgumentHelp("Seconds that it may take over one verdict. (default: 10)", valueName: "s"))
    var timeout: Double?

    func validate() throws {
        if let processes, !(1...256).contains(processes) {
            throw ValidationError("--processes must be from 1 to 256.")
        }
        if let timeout, !(0.01...3600).contains(timeout) {
            throw ValidationError("--timeout must be from 0.01 to 3600.")
        }
    }

    /// Sets the given options in a configuration.
    func apply(to configuration: inout RunConfiguration) {
        let words = command.count == 1 ? command.flatMap(ShellWords.split) : command
        if !words.isEmpty { configuration.verifier.command = words }
        if let processes { configuration.verifier.processes = processes }
        if let timeout { configuration.verifier.timeout = timeout }
    }
}
