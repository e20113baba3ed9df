import ArgumentParser
import Foundation
import Messaging
import Service

struct CoordinatorCommand: AsyncParsableCommand, EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Owns a run and its weights; workers connect to it.",
        discussion: """
            Examples:
              ponder coordinator --bind tcp://127.0.0.1:5555 --run runs/today
              ponder coordinator Deploy/runs/bills.yaml --bind ipc:///tmp/ponder --run runs/today --steps 100
              ponder coordinator --bind tcp://0.0.0.0:5555 --run runs/today --keys keys
              ponder coordinator --bind tcp://0.0.0.0:5555 --sealed-bind tcp://0.0.0.0:5557 --run runs/today --keys keys

            Weights are served on the next port unless --weights-bind says otherwise. Without keys only addresses of
            this machine can be bound (`ponder keys --help`). With many workers and keys, --sealed-bind saves the coordinator
            encrypting the weights for each worker; workers find that endpoint by themselves. It needs memory for a second copy of
            the weights. The coordinator waits for workers without a limit and ends as `train` does.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp("Where workers connect: tcp://HOST:PORT or ipc:///PATH.", valueName: "endpoint"))
    var bind: String

    @Option(
        name: .customLong("weights-bind"),
        help: ArgumentHelp("Where workers pull weights.", valueName: "endpoint"))
    var weightsBind: String?

    @Option(
        name: .customLong("sealed-bind"),
        help: ArgumentHelp(
            "Where anyone may get chunks of weights that only this run's workers can read, encrypted once per version instead of once per worker. Needs --keys.",
            valueName: "endpoint"))
    var sealedBind: String?

    @Option(help: ArgumentHelp("The run's folder; an existing run continues.", valueName: "dir"))
    var run: String

    @OptionGroup var keys: KeyOptions

    @OptionGroup var page: DashboardOptions

    @Flag(
        help:
            "Let anyone who reaches the ports take part, without keys; `status` always shows that the run was open."
    )
    var insecure = false

    @Flag(help: "Print the result as one JSON object, also on a terminal.")
    var json = false

    func run() async throws {
        let security = try keys.security(insecure: insecure)
        let asked = try Endpoint(bind)
        let control = try asked.onThisMachine().checkedForBinding(security)
        if let remark = control.loopbackRemark(asked: asked) { StandardError.write(remark) }
        let weights = try weightsBind.map { try Endpoint($0).onThisMachine().checkedForBinding(security) }
        let sealed = try sealedBind.map { try Endpoint($0).onThisMachine().checkedForBinding(.open) }
        if sealed != nil, !security.asksForKeys {
            throw CommandFailure(
                .usage,
                "--sealed-bind hands out what only workers with keys can read: give --keys DIR, or leave it out"
            )
        }
        try await RunStarter.run(
            try options.request(root: run),
            at: RunService.Places(control: control, weights: weights, sealed: sealed, security: security),
            dashboard: page.listen(), json: json, localWorkers: 0, timeLimit: options.time?.duration,
            announce: true)
    }
}
