import ArgumentParser
import Foundation
import Launching
import Messaging

struct LaunchSlurmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slurm",
        abstract: "Submits a coordinator and an array of workers to Slurm.",
        discussion: """
            Examples:
              ponder launch slurm config.yaml --workers 64 --run /shared/runs/today --steps 200
              ponder launch slurm --workers 64 --run /shared/runs/today --partition long --time 1-00:00:00
              ponder launch slurm --workers 32 --run /shared/runs/today --workers-only
              ponder launch slurm --workers 4 --run /shared/runs/today --dry-run -- --keys /shared/keys

            The run's folder must be on a file system that every node sees; scripts, logs and the coordinator's address
            are in its `launch` folder. The coordinator's job is requeued after preemption, a dead node or its time limit
            and continues where it stopped; each worker of the array is expendable. Arguments after -- are given to
            coordinator and workers. More options of sbatch: --sbatch=--qos=high, as often as needed.
            """)

    @Argument(help: ArgumentHelp("The run's configuration.", valueName: "config"))
    var file: String?

    @OptionGroup var options: LaunchOptions

    @Option(help: ArgumentHelp("The run's folder; an existing run continues.", valueName: "dir"))
    var run: String?

    @Option(help: ArgumentHelp("Optimizer steps of the whole run.", valueName: "n"))
    var steps: Int?

    @Option(help: ArgumentHelp("Keys every random number; never changes in a run.", valueName: "n"))
    var seed: UInt64?

    @Flag(
        name: .customLong("workers-only"),
        help: "Add workers to a run whose coordinator was launched before.")
    var workersOnly = false

    @Option(help: ArgumentHelp("The program on the nodes; the default is this one.", valueName: "path"))
    var ponder: String?

    @Option(help: ArgumentHelp("Partition of all jobs.", valueName: "name"))
    var partition: String?

    @Option(help: ArgumentHelp("Account of all jobs.", valueName: "name"))
    var account: String?

    @Option(
        help: ArgumentHelp(
            "Time limit of a job; after it the job is requeued and continues.", valueName: "time"))
    var time: String?

    @Option(help: ArgumentHelp("More options of every sbatch.", valueName: "option"))
    var sbatch: [String] = []

    @Option(
        name: .customLong("coordinator-sbatch"),
        help: ArgumentHelp("More options of the coordinator's sbatch.", valueName: "option"))
    var coordinatorSbatch: [String] = []

    @Option(
        name: .customLong("worker-sbatch"),
        help: ArgumentHelp("More options of the workers' sbatch.", valueName: "option"))
    var workerSbatch: [String] = []

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("After --: further arguments of coordinator and workers.", valueName: "argument"))
    var arguments: [String] = []

    func run() async throws {
        let settings = try LaunchSettings(
            file: options.settings,
            keys: LaunchOptions.keys + ["run", "ponder", "partition", "account", "time", "steps"])
        let plan = try plan(settings)
        let script = try plan.script(.find())
        if options.dryRun { return print(script, terminator: "") }
        for tool in ["sbatch", "scontrol", "squeue", "scancel"] {
            try LaunchTool.require(tool, for: "launch slurm")
        }
        try options.require(plan.summary)
        let lines = try await LaunchTool.run(script, "submitting to Slurm")
        let jobs = SlurmLaunch.jobs(in: lines)
        guard let workers = jobs.workers else {
            throw CommandFailure(.failed, "sbatch gave no job's number: \(lines.joined(separator: "; "))")
        }
        let record = LaunchRecord(
            id: LaunchRecord.newID("slurm"), started: Date(),
            launched: .slurm(coordinator: jobs.coordinator, workers: workers, folder: plan.folder))
        try options.state.store(settings).save(record)
        StandardError.write("logs and the coordinator's address: \(plan.folder)")
        print(
            try LaunchTool.line(
                SlurmLine(id: record.id, coordinator: jobs.coordinator, workers: workers, folder: plan.folder)
            ))
    }

    private func plan(_ settings: LaunchSettings) throws -> SlurmLaunch {
        guard let run = settings.text("run", run) else {
            throw CommandFailure(
                .usage, "no run: give --run DIR, a folder on a file system that every node sees")
        }
        // 4,000,000 is the largest array that Slurm can be configured for.
        guard let workers = try settings.integer("workers", options.workers, in: 1...4_000_000) else {
            throw CommandFailure(.usage, "how many workers: give --workers N")
        }
        var plan = SlurmLaunch(run: LaunchTool.absolute(run), workers: workers)
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        plan.program = settings.text("ponder", ponder) ?? own
        plan.isWorkersOnly = workersOnly
        if workersOnly, file != nil || steps != nil || seed != nil {
            throw CommandFailure(.usage, "--workers-only takes no configuration: the run has one")
        }
        if let file {
            guard FileManager.default.isReadableFile(atPath: file) else {
                throw CommandFailure(
                    .usage, "\(file) cannot be read; give the run's configuration, a YAML file")
            }
            plan.coordinatorArguments.append(LaunchTool.absolute(file))
        }
        if let steps = try settings.integer("steps", steps, in: 0...1_000_000), !workersOnly {
            plan.coordinatorArguments += ["--steps", "\(steps)"]
        }
        if let seed { plan.coordinatorArguments += ["--seed", "\(seed)"] }
        plan.coordinatorArguments += arguments
        plan.workerArguments = arguments
        var check = try LaunchPreflight(
            file: file, run: run, steps: try settings.integer("steps", steps, in: 0...1_000_000), seed: seed,
            at: .nodes)
        check.check(run: plan.run)
        let folder = keyFolder
        if !arguments.contains("--insecure") { check.check(keys: folder, hint: "`-- --keys keys`") }
        plan.workerArguments += check.verifierPermission
        plan.needs = check.needs
        plan.summary = LaunchSummary([
            "\(workersOnly ? "" : "1 coordinator and ")\(workers) workers, as jobs of Slurm",
            LaunchNeeds.line(plan.needs),
            "run: \(plan.run), \(check.about)",
            "program: \(plan.program); keys: \(folder?.path ?? "none")",
            "scripts, logs and the coordinator's address: \(plan.folder)",
        ])
        plan.summary.warnings = check.warnings
        for (key, flag) in [("partition", partition), ("account", account), ("time", time)] {
            if let value = settings.text(key, flag) { plan.options.append("--\(key)=\(value)") }
        }
        plan.options += sbatch
        plan.coordinatorOptions = coordinatorSbatch
        plan.workerOptions = workerSbatch
        return plan
    }

    /// The keys that coordinator and workers are given after `--`, or find in their environment.
    private var keyFolder: KeyFolder? {
        var folder = ProcessInfo.processInfo.environment[KeyOptions.variable] ?? ""
        for (index, word) in arguments.enumerated() {
            if word.hasPrefix("--keys=") { folder = String(word.dropFirst("--keys=".count)) }
            if word == "--keys", index + 1 < arguments.count { folder = arguments[index + 1] }
        }
        return folder.isEmpty ? nil : KeyFolder(folder)
    }
}

/// The object that a launch prints.
private struct SlurmLine: Encodable {
    let id: String
    let coordinator: String?
    let workers: String
    let folder: String
}
