import ArgumentParser
import Coordination
import Foundation
import Host
import Launching
import Messaging
import Reasoning
import Reinforcement
import RunStore
import Service
import Settings
import StrictConfiguration

/// The run that a command works on, and the values that the command line changes.
struct RunOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "YAML files with the values that differ from the embedded default; a later file wins; - is standard input.",
            valueName: "config"))
    var files: [String] = []

    @OptionGroup var changes: ConfigurationOptions

    @Option(help: ArgumentHelp("Optimizer steps of the whole run.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Keys every random number; never changes in a run.", valueName: "n"))
    var seed: UInt64?

    @Option(help: "Precision of generation, fp32 or bf16; the learner's weights are always fp32.")
    var dtype: Precision?

    @Option(
        help: ArgumentHelp(
            "Begin a new run from the newest checkpoint of a run, or from that of a step; settings may change.",
            valueName: "run[@step]"))
    var fork: String?

    @Flag(
        name: .customLong("allow-changes"), help: "Resume although the configuration differs from the run's.")
    var allowChanges = false

    @Option(
        help: ArgumentHelp(
            "Save the run and end with exit code 5 after this time, such as 90m or 2h.", valueName: "time"))
    var time: TimeLimit?

    @Option(
        name: .customLong("from-step"),
        help: ArgumentHelp(
            "Go on from the checkpoint of this step; newer checkpoints are set aside.", valueName: "n"))
    var fromStep: Int?

    func validate() throws {
        if let steps, !(0...1_000_000).contains(steps) {
            throw ValidationError("--steps must be from 0 to 1000000.")
        }
        if let seed, seed >= 1 << 53 { throw ValidationError("--seed must be below 2^53.") }
    }

    func request(root: String?) throws -> RunRequest {
        var request = RunRequest()
        request.configuration = try RunConfiguration(yamlFiles: files)
        request.changes = try changes.layers()
        request.root = try root.map(RunDirectory.folder(named:))
        request.fork = try fork.map(RunFork.init(argument:))
        request.steps = steps
        request.seed = seed
        request.dtype = dtype
        request.allowChanges = allowChanges
        request.fromStep = fromStep
        if let fromStep, request.root.map({ RunDirectory(root: $0).isRun }) != true {
            throw CommandFailure(
                .usage, "--from-step \(fromStep) needs a run that has begun; give its folder with --run")
        }
        return request
    }
}

struct TrainCommand: AsyncParsableCommand, EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains on this machine: a coordinator and its workers.",
        discussion: """
            Examples:
              # the embedded default, from blurting to thinking
              ponder train
              # your own configuration, with one setting changed
              ponder train my.yaml --set learning.rate=1e-4
              # continue a run that was interrupted or killed
              ponder train --run runs/today
              # with a page that shows it while it goes on
              ponder train --dashboard 127.0.0.1:8765
              # every key with its meaning; the first prompt as the model receives it
              ponder train --print-config
              ponder train --print-prompt my.yaml

            Progress goes to standard error and ends with a summary. The last line of standard output is one JSON object
            when that is no terminal, or with --json: heldout_accuracy_before and _after (sampled at temperature 1),
            heldout_greedy_before and _after, direct_accuracy_before and _after, seconds, steps, policy_sha256 and more.

            SIGINT, SIGTERM, SIGHUP and SIGUSR2 save the run and end with exit code 5; `--run` continues from there. What
            cannot be saved ends with 1. A second SIGINT or SIGTERM ends at once, with 1. SIGUSR1 saves and goes on.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp(
            "The run's folder; an existing run continues. `last` is the newest run in runs.", valueName: "dir"
        ))
    var run: String?

    @Option(help: ArgumentHelp("Worker processes; the default is one per usable processor.", valueName: "n"))
    var workers: Int?

    @OptionGroup var page: DashboardOptions

    @Flag(name: .customLong("print-config"), help: "Print the whole effective configuration as YAML and end.")
    var printConfig = false

    @Flag(
        name: .customLong("print-prompt"),
        help:
            "Print the first training problem exactly as the model receives it, and end; with --json as one object."
    )
    var printPrompt = false

    @Flag(help: "Print the result as one JSON object, also on a terminal.")
    var json = false

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be from 1 to 1024.")
        }
    }

    func run() async throws {
        var request = try options.request(root: run)
        if printConfig || printPrompt {
            let existing = request.root.map(RunDirectory.init(root:)).flatMap { $0.isRun ? $0 : nil }
            let origin = existing ?? request.fork?.source
            let shown = try request.configuration(over: origin?.configuration())
            if printConfig { return print(shown.yaml, terminator: "") }
            let preview = try PromptPreview(
                shown, keepsFifth: origin?.problemRecord().keepsFifth ?? false)
            return json ? try JSON.print(preview) : preview.show()
        }
        request.allowChanges = options.allowChanges
        try await RunStarter.run(
            request, at: RunService.Places(control: .tcp(host: "127.0.0.1", port: nil)),
            dashboard: page.listen(), json: json, localWorkers: workers ?? Processors.own.usable,
            timeLimit: options.time?.duration)
    }
}

/// Code that `train` and `coordinator` share.
enum RunStarter {
    /// - Parameters:
    ///   - dashboard: where the run is shown meanwhile; nil for nowhere.
    ///   - json: whether the result is printed on a terminal too.
    static func run(
        _ request: RunRequest, at places: RunService.Places, dashboard: DashboardPlace?, json: Bool,
        localWorkers: Int, timeLimit: Duration?,
        announce: Bool = false
    ) async throws {
        let session = try RunSession.open(request, waiting: { StandardError.tell($0) })
        if let result = session.completed() {
            StandardError.write("run \(result.run) is complete; nothing is left to do")
            return try show(result, of: session, json: json)
        }
        for check in Checkup.essentials(of: session) where !check.ok {
            StandardError.tell("NOTE: \(check.name): \(check.detail)")
        }
        let console = RunConsole { StandardError.show($0) }
        defer { console.close() }
        let page = dashboard?.serve(session.directory) { console.say(StandardError.timed($0)) }
        defer { page?.stop() }
        let supervisor = ServiceNotifier { console.say(StandardError.timed($0)) }
        let result = try await RunService.run(
            session, at: places, localWorkers: localWorkers,
            log: { console.say(StandardError.timed($0)) },
            working: { console.working(StandardError.timed($0)) },
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
            beat: { supervisor.beat() }, timeLimit: timeLimit, flush: { StandardError.flush() })
        console.close()
        try show(result, of: session, json: json)
    }

    /// The summary for people, and the JSON for programs.
    private static func show(_ result: RunResult, of session: RunSession, json: Bool) throws {
        // Without its records the summary lacks the curve; the run has raised an alarm about them already.
        let evaluations = (try? RunDatabase.openReadOnly(session.directory).evaluations()) ?? []
        let question = session.plan.heldOut.first?.question
        let isShort = question.map { $0.count <= 40 && !$0.contains { $0 == "'" || $0.isNewline } } ?? false
        StandardError.write("\n" + result.summary(evaluations, question: isShort ? question : nil))
        if json || isatty(STDOUT_FILENO) == 0 { print(try result.line()) }
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
