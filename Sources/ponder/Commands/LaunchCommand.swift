import ArgumentParser
import Foundation
import Launching

struct LaunchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "launch",
        abstract: "Starts workers, or a whole run, with a cluster's own tools.",
        discussion: """
            Examples:
              ponder launch ssh config.yaml --run runs/today --hosts hosts.txt --keys keys
              ponder launch slurm config.yaml --workers 64 --run /shared/runs/today
              ponder launch kubernetes config.yaml --workers 16 --image registry.example/ponder:1.0
              ponder launch ssh --hosts hosts.txt --coordinator tcp://10.0.0.1:5555 --dry-run
              ponder launch status
              ponder launch stop

            --dry-run prints, as one shell script, exactly what would run, and needs neither Slurm, kubectl, ssh nor a
            coordinator. The script begins with a summary of five lines, and a `# WARNING` line for everything that would
            not work: missing keys, files that the other machines do not see. Without --dry-run a launch with warnings
            starts nothing and ends with 2, unless --accept-warnings is given. Every option can also be set as PONDER_LAUNCH_OPTION in the environment, or as `option = value`
            in the file that --settings names; the command line wins over the environment, and that over the file.
            """,
        subcommands: [
            LaunchSSHCommand.self, LaunchSlurmCommand.self, LaunchKubernetesCommand.self,
            LaunchStatusCommand.self, LaunchStopCommand.self,
        ]
    )
}

extension LaunchError: ExitStatusProviding {
    var exitStatus: ExitStatus {
        switch kind {
        case .usage: .usage
        case .unreachable: .unreachable
        case .failed: .failed
        }
    }
}

/// Options of every launch.
struct LaunchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Workers to start.", valueName: "n"))
    var workers: Int?

    @Flag(name: .customLong("dry-run"), help: "Print what would run, as a shell script, and end.")
    var dryRun = false

    @Flag(name: .customLong("accept-warnings"), help: "Start although the summary has warnings.")
    var acceptWarnings = false

    @Option(help: ArgumentHelp("A file of `option = value` lines.", valueName: "file"))
    var settings: String?

    @OptionGroup var state: LaunchStateOption

    /// - Throws: `LaunchError` when the summary has warnings that are not accepted.
    func require(_ summary: LaunchSummary) throws {
        if !acceptWarnings { return try summary.requireNoWarning() }
        for warning in summary.warnings { StandardError.write("warning: \(warning)") }
    }

    /// The settings that every launch has.
    static let keys = ["workers", "state"]
}

/// The folder of the launch records.
struct LaunchStateOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Folder of the launch records; the default is ~/.local/state/ponder/launch.",
            valueName: "dir"))
    var state: String?

    func store(_ settings: LaunchSettings) -> LaunchStore {
        guard let state = settings.text("state", state) else { return LaunchStore(LaunchStore.usual()) }
        return LaunchStore(URL(filePath: state, directoryHint: .isDirectory))
    }
}

/// The programs that a launch calls.
enum LaunchTool {
    /// - Throws: `CommandFailure` when the program is not on PATH.
    static func require(_ name: String, for what: String) throws {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let isThere = path.split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
        guard isThere else {
            throw CommandFailure(
                .usage,
                "there is no \(name) on PATH, which \(what) needs; go to a machine that has it, or see with --dry-run "
                    + "what would run")
        }
    }

    /// Messages of sbatch and kubectl when their service does not answer.
    private static let silence = [
        "Unable to contact slurm controller", "Unable to connect to the server",
        "The connection to the server", "failed to download openapi", "couldn't get current server API",
    ]

    /// Runs a script whose lines are for the user, and returns them.
    ///
    /// - Throws: `CommandFailure` with the script's last line when it fails.
    static func run(_ script: String, _ what: String) async throws -> [String] {
        let (code, lines) = try await ScriptRun.output(of: script)
        guard code == 0 else {
            let isUnreachable = lines.contains { line in silence.contains { line.contains($0) } }
            let said = lines.suffix(4).joined(separator: "; ")
            throw CommandFailure(
                isUnreachable ? .unreachable : .failed,
                "\(what) ended with \(code): \(said.isEmpty ? "nothing was said" : said)")
        }
        return lines
    }

    /// A path from the root, as other machines and later calls need it.
    static func absolute(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }

    /// One line of JSON with sorted keys.
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
