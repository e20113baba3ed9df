import ArgumentParser
import Foundation
import Messaging
import RunStore
import Service

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what a run does, what it waits for, and what it thinks.",
        discussion: """
            Examples:
              ponder status --run runs/today
              ponder status --connect tcp://127.0.0.1:5555 --watch
              ponder status --run last --json
              ponder status --run last --prometheus > ponder.prom
              ponder status --connect tcp://head:5555 --keys keys

            The run's folder is only read, also when the run has ended or was killed. 'ponder help metrics' explains \
            each line and each key of --json. The exit code is 3 when no coordinator answers within 5 seconds, 4 when it \
            refuses this key.
            """)

    @Option(help: ArgumentHelp("A run's folder, live or finished; `last` is the newest.", valueName: "dir"))
    var run: String?

    @Option(help: ArgumentHelp("A coordinator's control endpoint.", valueName: "endpoint"))
    var connect: String?

    @OptionGroup var keys: KeyOptions

    @Flag(help: "Ask again every second until the run has ended; on a terminal in place.")
    var watch = false

    @Flag(help: "Show why attempts were dropped, every worker, and whole texts.")
    var verbose = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @Flag(help: "Metrics as text for Prometheus.")
    var prometheus = false

    func validate() throws {
        guard !prometheus || !(watch || json) else {
            throw ValidationError("Give --prometheus without --watch and --json.")
        }
        guard (run == nil) != (connect == nil) else {
            throw ValidationError("Give either --run DIR or --connect ENDPOINT.")
        }
    }

    func run() async throws {
        // The run's own processes come first.
        setpriority(PRIO_PROCESS, 0, 10)
        let ask = try asking()
        if watch, !json, isatty(STDOUT_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" {
            let last = try await LiveScreen.run {
                try await repeated(ask) { status in
                    LiveScreen.show(text(status, width: LiveScreen.size.columns).lines)
                }
            }
            return print(text(last, width: Terminal.width).text)
        }
        var isFirst = true
        _ = try await repeated(ask) { status in
            if prometheus {
                print(PrometheusText.render(status), terminator: "")
            } else {
                if !json, !isFirst { print("") }
                print(json ? try status.line() : text(status, width: Terminal.width).text)
            }
            isFirst = false
            try StandardOutput.flush()
        }
    }

    private func text(_ status: RunStatus, width: Int) -> StatusText {
        StatusText(status: status, width: width, verbose: verbose)
    }

    private func asking() throws -> () async throws -> RunStatus {
        guard let connect else {
            let folder = try RunDirectory.existing(named: run ?? "")
            return { try RunStatus(of: folder) }
        }
        let endpoint = try Endpoint(connect)
        let keys = try keys.asking()
        return { try await StatusRequest.ask(endpoint, keys: keys) }
    }

    /// Shows the status, with `--watch` each second until the run has ended.
    ///
    /// - Returns: the last status.
    private func repeated(
        _ ask: () async throws -> RunStatus, show: (RunStatus) throws -> Void
    ) async throws -> RunStatus {
        var last: RunStatus?
        while true {
            do {
                let status = try await ask()
                last = status
                try show(status)
                guard watch, ["starting", "running"].contains(status.phase) else { return status }
            } catch let error as RunDatabaseError where watch && last != nil && error.kind == .busy {
                // Another program holds the records for a moment; the frame before stays.
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
