import ArgumentParser
import Foundation
import Torch

/// The command line.
@main
struct Ponder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ponder",
        abstract: "Turns a general language model into a reasoning one with rewards alone.",
        discussion: """
            It runs on the CPU. 'ponder help TOPIC' shows a topic: \
            \(HelpTopic.allCases.map(\.rawValue).joined(separator: ", ")).

            Examples:
              # make a thinker of the model that comes with Ponder, and ask it
              ponder train --run runs/today
              ponder ask --run runs/today '17+25+38=?'
              # what a run is doing and waiting for; measure it; check this machine
              ponder status --run runs/today
              ponder eval --run runs/today
              ponder doctor

            Data goes to standard output, progress to standard error. Exit codes: 0 done, 1 failed, 2 usage or
            configuration, 3 coordinator unreachable, 4 refused, 5 interrupted and resumable, 6 no usable checkpoint.
            """,
        version: "0.1.0",
        subcommands: [
            TrainCommand.self, CoordinatorCommand.self, WorkerCommand.self, RelayCommand.self,
            StatusCommand.self, TracesCommand.self, RunsCommand.self, CompareCommand.self, LaunchCommand.self,
            AskCommand.self, EvalCommand.self, GenerateCommand.self, ScoreCommand.self, LogprobsCommand.self,
            TokenizeCommand.self, ExportCommand.self, PretrainCommand.self, BenchmarkCommand.self,
            KeysCommand.self, DoctorCommand.self, HelpCommand.self,
        ]
    )

    static func main() async {
        // The environment is changed only here, before a second thread could read it.
        TorchLibrary.prepareEnvironment()
        do {
            try CommandTree.check(CommandLine.arguments.dropFirst())
            var command = try parseAsRoot()
            // Scripts/test-examples checks the flags of what needs another machine.
            if getenv("PONDER_PARSE_ONLY") != nil { Foundation.exit(ExitStatus.done.rawValue) }
            // Workers of `train` are reached over loopback, without keys; they must not find any in their environment
            // either.
            if command is TrainCommand { unsetenv(KeyOptions.variable) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
        Foundation.exit(ExitStatus.done.rawValue)
    }

    /// Prints the error on standard error and ends the process with its status.
    private static func end(with error: any Error) -> Never {
        fflush(nil)
        if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
        let parserCode = exitCode(for: error)
        if parserCode == .success {
            // `--help` and `--version` are answers, not failures.
            let message = fullMessage(for: error, columns: HelpText.unbroken)
            print(HelpText.isHelp(message) ? HelpText(message).rendered(width: Terminal.width) : message)
            Foundation.exit(ExitStatus.done.rawValue)
        }
        if parserCode == .validationFailure {
            StandardError.write(fullMessage(for: error))
            Foundation.exit(ExitStatus.usage.rawValue)
        }
        StandardError.write("ponder: \(describe(error))")
        Foundation.exit(ExitStatus(error).rawValue)
    }

    private static func describe(_ error: any Error) -> String {
        // Foundation's errors print as structures; `localizedDescription` is their sentence for people.
        type(of: error) is NSError.Type ? error.localizedDescription : "\(error)"
    }
}
