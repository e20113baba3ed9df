import ArgumentParser
import Foundation
import Host
import Launching
import Messaging

struct LaunchSSHCommand: AsyncParsableCommand, EndsInOrder {
    static let configuration = CommandConfiguration(
        commandName: "ssh",
        abstract: "Starts workers on hosts that OpenSSH reaches, and a coordinator here if asked.",
        discussion: """
            Examples:
              ponder launch ssh run.yaml --run runs/today --hosts hosts.txt --keys keys
              ponder launch ssh --run runs/today --hosts h.txt --keys keys --copy --detach
              ponder launch ssh --hosts hosts.txt --coordinator tcp://head:5555 --keys keys
              ponder launch ssh --hosts hosts.txt --coordinator tcp://head:5555 --dry-run

            With --run the coordinator runs on this machine, at tcp://*:5555 unless --bind says otherwise, and the launch
            ends as it does. With --coordinator only workers are started. --keys gives every host worker.key and the .pub
            files, in a folder of ~/.cache/ponder that only its user reads.

            The hosts file has one `HOST slots=N` a line. OpenSSH's configuration sets users, ports and keys
            (~/.ssh/config); it is called without agent, terminal or questions. Output is shown with its host before it.
            Hosts that cannot be reached are listed and the rest run. SIGINT or SIGTERM ends the workers in order; once
            more leaves them as they are. With --detach workers log on their hosts, and `ponder launch stop` ends them.
            Arguments after -- are given to every worker. The exit code is 3 when no host could be used.
            """)

    @Argument(help: ArgumentHelp("The run's configuration, with --run.", valueName: "config"))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Start a coordinator here for this run's folder; an existing run continues.", valueName: "dir"))
    var run: String?

    @Option(help: ArgumentHelp("Optimizer steps of the whole run.", valueName: "n"))
    var steps: Int?

    @Option(
        help: ArgumentHelp("Where the coordinator binds; the default is tcp://*:5555.", valueName: "endpoint")
    )
    var bind: String?

    @OptionGroup var keys: KeyOptions

    @Flag(help: "No keys: let anyone who reaches the coordinator take part.")
    var insecure = false

    @Option(help: ArgumentHelp("The hosts file.", valueName: "file"))
    var hosts: String?

    @Option(help: ArgumentHelp("The endpoint that workers dial.", valueName: "endpoint"))
    var coordinator: String?

    @OptionGroup var options: LaunchOptions

    @Option(
        help: ArgumentHelp(
            "The program on the hosts; the default is ponder on their PATH or in ~/.local/bin.",
            valueName: "path"))
    var ponder: String?

    @Flag(
        help: "Copy this program and its libPonderTorch.so to ~/.cache/ponder of each host that lacks them.")
    var copy = false

    @Flag(help: "Leave the workers running and end.")
    var detach = false

    @Option(help: ArgumentHelp("Hosts to start at the same time; the default is 16.", valueName: "n"))
    var parallel: Int?

    @Option(
        name: .customLong("connect-timeout"),
        help: ArgumentHelp(
            "Seconds until a host that does not answer is given up; the default is 10.", valueName: "s"))
    var connectTimeout: Int?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("After --: further arguments of every worker.", valueName: "argument"))
    var workerArguments: [String] = []

    func run() async throws {
        let settings = try LaunchSettings(
            file: options.settings,
            keys: LaunchOptions.keys + [
                "hosts", "coordinator", "run", "bind", "steps", "ponder", "parallel", "connect-timeout",
            ])
        let plan = try await plan(settings)
        if options.dryRun { return print(plan.dryRun, terminator: "") }
        try LaunchTool.require("ssh", for: "launch ssh")
        try options.require(plan.summary)
        let parallel = try settings.integer("parallel", parallel, in: 1...1024) ?? 16
        try await start(plan, parallel, options.state.store(settings))
    }

    private func plan(_ settings: LaunchSettings) async throws -> SSHLaunch {
        guard let path = settings.text("hosts", hosts) else {
            throw CommandFailure(.usage, "no hosts: give --hosts FILE, with one `HOST slots=N` a line")
        }
        let text: String
        do throws(FileError) {
            text = try Files.text(path)
        } catch {
            throw CommandFailure(.usage, "\(path) cannot be read: \(error.cause)")
        }
        let file = try HostFile(text, path: path)
        let shares = try file.shares(of: settings.integer("workers", options.workers, in: 1...1_000_000))
        let others = await self.others(shares)
        let run = settings.text("run", run)
        let place = try place(settings, run, hasOthers: !others.isEmpty)
        if place.dialed.isLocal, let other = others.first {
            throw Self.unreachable(place.dialed, other, path)
        }
        var plan = SSHLaunch(
            id: LaunchRecord.newID("ssh"), shares: shares, coordinator: place.dialed.text,
            program: try program(settings))
        plan.isDetached = detach
        plan.connectTimeout = try settings.integer("connect-timeout", connectTimeout, in: 1...3600) ?? 10
        let folder = insecure ? nil : keys.folder
        plan.keys = folder.map { LaunchTool.absolute($0.path) }
        plan.workerArguments = (insecure ? ["--insecure"] : []) + workerArguments
        if let run {
            try addCoordinator(to: &plan, run: run, bind: place.bound, settings, hasOthers: !others.isEmpty)
        } else {
            plan.summary = summary(of: plan, "a coordinator at \(plan.coordinator), which runs already")
        }
        return plan
    }

    /// The endpoint that the coordinator binds, and the one that workers dial.
    private func place(
        _ settings: LaunchSettings, _ run: String?, hasOthers: Bool
    ) throws -> (bound: Endpoint, dialed: Endpoint) {
        let text = settings.text("coordinator", coordinator)
        guard let run else {
            if file != nil || steps != nil || bind != nil {
                throw CommandFailure(.usage, "a configuration, --steps and --bind go with --run DIR")
            }
            guard let text else {
                throw CommandFailure(
                    .usage,
                    "no coordinator: give --coordinator tcp://HOST:PORT, or --run DIR to start one on this machine"
                )
            }
            let control = try Endpoint(text)
            switch control {
            case .tcp(_, nil): throw CommandFailure(.usage, "\(text) names no port to connect to")
            case .tcp("*", _), .tcp("0.0.0.0", _), .tcp("[::]", _):
                throw CommandFailure(
                    .usage, "\(text) is where a coordinator binds; workers need its host's name")
            default: return (control, control)
            }
        }
        if let text {
            throw CommandFailure(
                .usage,
                "--run \(run) starts a coordinator here, --coordinator \(text) names one that runs already: give one of them"
            )
        }
        let bound = try Endpoint(
            settings.text("bind", bind) ?? (hasOthers ? "tcp://*:5555" : "tcp://127.0.0.1:5555"))
        guard case .tcp(_, _?) = bound else {
            throw CommandFailure(.usage, "\(bound) names no TCP port; give one, as in tcp://*:5555")
        }
        return (bound, try bound.onThisMachine().advertised[0])
    }

    private func addCoordinator(
        to plan: inout SSHLaunch, run: String, bind: Endpoint, _ settings: LaunchSettings, hasOthers: Bool
    ) throws {
        let steps = try settings.integer("steps", steps, in: 0...1_000_000)
        var check = try LaunchPreflight(file: file, run: run, steps: steps, at: .hosts(areOthers: hasOthers))
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var local = LocalCoordinator(
            program: program, bind: bind.text, run: LaunchTool.absolute(run))
        if let file { local.arguments.append(LaunchTool.absolute(file)) }
        if let steps { local.arguments += ["--steps", "\(steps)"] }
        if let keys = plan.keys { local.arguments += ["--keys", keys] }
        if insecure { local.arguments.append("--insecure") }
        local.isDetached = detach
        plan.workerArguments = check.verifierPermission + plan.workerArguments
        let isReached = try !bind.onThisMachine().isLocal
        if plan.keys != nil || (isReached && !insecure) {
            check.check(keys: plan.keys.map { KeyFolder($0) }, hint: "`--keys keys`")
        }
        plan.local = local
        plan.summary = summary(
            of: plan, "1 coordinator here, bound to \(bind), dialed at \(plan.coordinator)")
        plan.summary.lines[2] = "run: \(local.run), \(check.about)"
        plan.summary.warnings = check.warnings
    }

    private func summary(of plan: SSHLaunch, _ coordinator: String) -> LaunchSummary {
        let program =
            switch plan.program {
            case .found: "ponder on the hosts' PATH or in ~/.local/bin"
            case .path(let path): path
            case .copied(let program, _): "\(program), copied to ~/.cache/ponder of each host"
            }
        let output = plan.isDetached ? "to log files on the hosts" : "shown here"
        var summary = LaunchSummary([
            coordinator, "\(plan.workers) workers on \(plan.shares.count) hosts, output \(output)",
            "run: the coordinator's", "program: \(program)", "keys: \(plan.keys ?? "none")",
        ])
        let hasKeys = plan.keys != nil || plan.workerArguments.contains { $0.hasPrefix("--keys") }
        let isOpen =
            (try? Endpoint(plan.coordinator).isLocal) ?? false || plan.workerArguments.contains("--insecure")
        if plan.local == nil, !hasKeys, !isOpen {
            summary.warnings.append(
                "workers would refuse to dial \(plan.coordinator) without keys; add `--keys DIR`, or --insecure"
            )
        }
        return summary
    }

    private func program(_ settings: LaunchSettings) throws -> SSHLaunch.Program {
        guard copy else { return settings.text("ponder", ponder).map { .path($0) } ?? .found }
        guard ponder == nil else {
            throw CommandFailure(
                .usage, "--ponder says where the program is, --copy brings it: give one of them")
        }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = (program as NSString).deletingLastPathComponent
        var places = ["\(folder)/libPonderTorch.so", "\(folder)/../lib/ponder/libPonderTorch.so"]
        if let home = ProcessInfo.processInfo.environment["PONDER_HOME"], !home.isEmpty {
            places.insert("\(home)/lib/libPonderTorch.so", at: 0)
        }
        guard let shim = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
            throw CommandFailure(
                .usage,
                "--copy also copies libPonderTorch.so, which is in none of \(places.joined(separator: ", ")); "
                    + "build it with Scripts/build-shim")
        }
        return .copied(program: program, shim: LaunchTool.absolute(shim))
    }

    /// The hosts that are not this very machine.
    private func others(_ shares: [HostFile.Share]) async -> [String] {
        var others: [String] = []
        for share in shares {
            let resolved = await HostAddress.resolvedBySSH(share.host)
            if !HostAddress.isThisMachine(share.host, resolve: { _ in resolved }) {
                others.append(share.host)
            }
        }
        return others
    }

    private static func unreachable(_ control: Endpoint, _ host: String, _ path: String) -> CommandFailure {
        CommandFailure(
            .usage,
            "\(control) names the machine that dials it, and \(host) in \(path) is another: give an address of this "
                + "machine that \(host) can reach")
    }
}
