import ArgumentParser
import Foundation
import Messaging
import RunStore
import Service

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what a run does and waits for.",
        discussion: """
            Examples:
              ponder status --run runs/today
              ponder status --connect tcp://127.0.0.1:5555 --watch
              ponder status --run runs/today --json
              ponder status --run runs/today --prometheus > ponder.prom
              ponder status --connect tcp://head:5555 --keys keys

            The run's folder is only read. The exit code is 3 when no coordinator answers within 5 seconds, 4 when it
            refuses this key.
            """)

    @Option(help: ArgumentHelp("A run's folder, live or finished.", valueName: "dir"))
    var run: String?

    @Option(help: ArgumentHelp("A coordinator's control endpoint.", valueName: "endpoint"))
    var connect: String?

    @OptionGroup var keys: KeyOptions

    @Flag(help: "Ask again every second until the run has ended.")
    var watch = false

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
        let asker = try connect.map { try Endpoint($0) }
        let keys = asker == nil ? nil : try self.keys.asking()
        while true {
            let status: RunStatus
            if let asker {
                status = try await StatusRequest.ask(asker, keys: keys)
            } else {
                status = try RunStatus(of: RunDirectory.existing(named: run ?? ""))
            }
            if prometheus {
                print(PrometheusText.render(status), terminator: "")
            } else {
                print(json ? try status.line() : status.text)
            }
            try StandardOutput.flush()
            guard watch, status.phase == "running" else { return }
            try await Task.sleep(for: .seconds(1))
            if !json { print("") }
        }
    }
}
