import ArgumentParser
import Coordination
import Foundation
import Host
import Launching
import Messaging
import Reinforcement
import RunStore
import Service
import Settings
import StrictConfiguration

/// The run that a command works on, and the values that the command line changes.
struct RunOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A YAML file with the values that differ from the embedded default.", valueName: "config"))
    var file: String?

    @Option(help: ArgumentHelp("Optimizer steps of the whole run.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Keys every random number; never changes in a run.", valueName: "n"))
    var seed: UInt64?

    @Option(help: "Precision of generation, fp32 or bf16; the learner's weights are always fp32.")
    var dtype: Precision?

    @Flag(
        name: .customLong("allow-changes"), help: "Resume although the configuration differs from the run's.")
    var allowChanges = false

    func validate() throws {
        if let steps, !(0...1_000_000).contains(steps) {
            throw ValidationError("--steps must be from 0 to 1000000.")
        }
        if let seed, seed >= 1 << 53 { throw ValidationError("--seed must be below 2^53.") }
    }

    func request(root: String?) throws -> RunRequest {
        var request = RunRequest()
        request.configuration = try file.map { try RunConfiguration(yamlFile: $0) }
        request.root = root.map { URL(filePath: $0, directoryHint: .isDirectory) }
        request.steps = steps
        request.seed = seed
        request.dtype = dtype
        request.allowChanges = allowChanges
        return request
    }
}

struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains on this machine: a coordinator and its workers.",
        discussion: """
            Examples:
              ponder train                                   the embedded default, from blurting to thinking
              ponder train Deploy/runs/bills.yaml --seed 1   a configuration
              ponder train --run runs/today                  continue a run that was interrupted or killed
              ponder train --print-config                    every key, its meaning and its value
              ponder train --print-prompt my.yaml            the first problem exactly as the model receives it

            Progress goes to standard error. The last line of standard output is one JSON object:
            heldout_accuracy_before and _after, direct_accuracy_before, seconds, steps, policy_sha256 and more.
            SIGINT or SIGTERM saves the run and ends with exit code 5; `--run` continues from there.
            """)

    @OptionGroup var options: RunOptions

    @Option(help: ArgumentHelp("The run's folder; an existing run continues.", valueName: "dir"))
    var run: String?

    @Option(help: ArgumentHelp("Worker processes; the default is one per core.", valueName: "n"))
    var workers: Int?

    @Flag(name: .customLong("print-config"), help: "Print the whole effective configuration as YAML and end.")
    var printConfig = false

    @Flag(
        name: .customLong("print-prompt"),
        help:
            "Print the first training problem exactly as the model receives it, and end; with --json as one object."
    )
    var printPrompt = false

    @Flag(help: "Accepted for scripts: standard output is JSON in any case.")
    var json = false

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be from 1 to 1024.")
        }
    }

    func run() async throws {
        var request = try options.request(root: run)
        if printConfig || printPrompt {
            let shown = try effective(request)
            if printConfig { return print(shown.yaml, terminator: "") }
            let preview = try PromptPreview(shown)
            return json ? try JSON.print(preview) : preview.show()
        }
        request.allowChanges = options.allowChanges
        try await RunStarter.run(
            request, at: RunService.Places(control: .tcp(host: "127.0.0.1", port: nil)),
            localWorkers: workers ?? max(1, ProcessInfo.processInfo.activeProcessorCount))
    }
}

extension TrainCommand {
    /// The configuration that a run would use.
    private func effective(_ request: RunRequest) throws -> RunConfiguration {
        let saved = try request.root.flatMap { RunDirectory(root: $0) }.flatMap {
            $0.isRun ? try $0.configuration() : nil
        }
        return try request.configuration(over: saved)
    }
}

/// Code that `train` and `coordinator` share.
enum RunStarter {
    static func run(
        _ request: RunRequest, at places: RunService.Places, localWorkers: Int, announce: Bool = false
    ) async throws {
        let session = try RunSession.open(request)
        if let result = session.completed() {
            StandardError.write("run \(result.run) is complete; nothing is left to do")
            return print(try result.line())
        }
        let supervisor = ServiceNotifier()
        let result = try await RunService.run(
            session, at: places, localWorkers: localWorkers,
            log: { StandardError.write($0) },
            bound: { endpoint in
                supervisor.ready()
                if announce {
                    let shown = endpoint.advertised.map(\.text)
                    StandardError.write(
                        "workers connect with: ponder worker --connect \(shown[0])\(places.security.flag)")
                    if shown.count > 1 {
                        StandardError.write("or to \(shown.dropFirst().joined(separator: ", "))")
                    }
                }
            },
            beat: { supervisor.beat() })
        print(try result.line())
    }
}

extension PortSecurity {
    /// The options of a worker for such a port.
    fileprivate var flag: String {
        switch self {
        case .local: ""
        case .open: " --insecure"
        case .keys: " --keys DIR"
        }
    }
}
