import ArgumentParser
import Coordination
import Foundation
import Messaging

struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Owns a run and its weights; workers connect to it.",
        discussion: """
            Examples:
              ponder coordinator --bind tcp://127.0.0.1:5555 --run runs/today
              ponder coordinator Deploy/runs/bills.yaml --bind ipc:///tmp/ponder --run runs/today --steps 100

            Weights are served on the next port unless --weights-bind says otherwise. Without keys only addresses of
            this machine can be bound. It waits for workers as long as it takes and ends as `train` does.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp("Where workers connect: tcp://HOST:PORT or ipc:///PATH.", valueName: "endpoint"))
    var bind: String

    @Option(
        name: .customLong("weights-bind"),
        help: ArgumentHelp("Where workers pull weights.", valueName: "endpoint"))
    var weightsBind: String?

    @Option(help: ArgumentHelp("The run's folder; an existing run goes on.", valueName: "dir"))
    var run: String

    @Flag(help: "Accepted for scripts: standard output is JSON in any case.")
    var json = false

    func run() async throws {
        let control = try Endpoint(bind).checkedForBinding()
        let weights = try weightsBind.map { try Endpoint($0).checkedForBinding() }
        try await RunStarter.run(
            try options.request(root: run), control: control, weights: weights, localWorkers: 0,
            announce: true)
    }
}
