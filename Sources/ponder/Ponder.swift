import ArgumentParser
import Foundation
import Host
import Logging
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
            configuration, 3 coordinator unreachable, 4 refused, 5 interrupted and saved, 6 no usable checkpoint.
            """,
        version: "0.1.0",
        subcommands: [
            TrainCommand.self, CoordinatorCommand.self, WorkerCommand.self, RelayCommand.self,
            StatusCommand.self, DashboardCommand.self, TracesCommand.self, RunsCommand.self,
            CompareCommand.self, PlotCommand.self, ReplayCommand.self, LaunchCommand.self,
            AskCommand.self, EvalCommand.self, GenerateCommand.self, ScoreCommand.self, LogprobsCommand.self,
            TokenizeCommand.self, ExportCommand.self, PretrainCommand.self, BenchmarkCommand.self,
            KeysCommand.self, DoctorCommand.self, HelpCommand.self,
        ]
    )

    static func main() async {
        ProcessSignals.hold()
        // The environment is changed only here and below: no other thread reads it yet.
        TorchLibrary.prepareEnvironment()
        ChildReaper.startAsFirstProcess()
        LoggingSystem.bootstrap { StandardErrorLogHandler(label: $0) }
        do {
            try checkArguments()
            try CommandTree.check(CommandLine.arguments.dropFirst())
            var command = try parseAsRoot()
            // Scripts/test-examples checks the flags of what needs another machine.
            if getenv("PONDER_PARSE_ONLY") != nil { leave(.done) }
            if !(type(of: command) is any EndsInOrder.Type) { ProcessSignals.release() }
            // Workers of `train` are reached over loopback, without keys; they must not find any in their environment
            // either.
            if command is TrainCommand { unsetenv(KeyOptions.variable) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try StandardOutput.flush()
        } catch {
            end(with: error)
        }
        leave(.done)
    }

    /// Swift reads the arguments from `/proc/self/cmdline`; without them every command would print its help.
    private static func checkArguments() throws {
        guard CommandLine.arguments.isEmpty else { return }
        throw CommandFailure(
            .failed,
            "/proc is not mounted, and the arguments of a program are read from there; `mount -t proc proc /proc`"
        )
    }

    /// Prints the error on standard error and ends the process with its status.
    private static func end(with error: any Error) -> Never {
        do {
            // Results that an error follows count as well, and `--help` and `--version` are answers, not failures.
            if exitCode(for: error) == .success {
                let message = fullMessage(for: error, columns: HelpText.unbroken)
                print(HelpText.isHelp(message) ? HelpText(message).rendered(width: Terminal.width) : message)
            }
            try StandardOutput.flush()
        } catch {
            StandardError.write("ponder: \(error)")
            leave(.failed)
        }
        if let code = error as? ExitCode { leave(code.rawValue) }
        switch exitCode(for: error) {
        case .success: leave(.done)
        case .validationFailure:
            StandardError.write(fullMessage(for: error))
            leave(.usage)
        default:
            StandardError.write("ponder: \(describe(error))")
            leave(ExitStatus(error))
        }
    }

    private static func leave(_ status: ExitStatus) -> Never { leave(status.rawValue) }

    private static func leave(_ code: Int32) -> Never {
        StandardError.flush()
        Foundation.exit(code)
    }

    private static func describe(_ error: any Error) -> String {
        // Foundation's errors print as structures.
        if let error = FileError(foundation: error) { return "\(error)" }
        return type(of: error) is NSError.Type ? error.localizedDescription : "\(error)"
    }
}

/// A command that acts on the signals that ask for an end by itself; they end every other command at once.
protocol EndsInOrder {}
