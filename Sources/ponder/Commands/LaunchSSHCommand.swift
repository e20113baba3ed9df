import ArgumentParser
import Foundation
import Host
import Launching
import Messaging
import Service

struct LaunchSSHCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh",
        abstract: "Starts workers on hosts that OpenSSH reaches.",
        discussion: """
            Examples:
              ponder launch ssh --hosts hosts.txt --workers 8 --coordinator tcp://10.0.0.1:5555
              ponder launch ssh --hosts hosts.txt --coordinator tcp://10.0.0.1:5555 --copy --detach
              ponder launch ssh --hosts hosts.txt --coordinator tcp://10.0.0.1:5555 -- --keys .ponder/keys

            The hosts file has one `HOST slots=N` a line. OpenSSH's configuration sets users, ports and keys
            (~/.ssh/config); it is called without agent, terminal or questions. Output is shown with its host before it.
            Hosts that cannot be reached are listed and the rest run. SIGINT or SIGTERM ends the workers in order; once
            more leaves them as they are. With --detach workers log on their hosts, and `ponder launch stop` ends them.
            Arguments after -- are given to every worker. The exit code is 3 when no host could be used.
            """)

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
            keys: LaunchOptions.keys + ["hosts", "coordinator", "ponder", "parallel", "connect-timeout"])
        let plan = try await plan(settings)
        if options.dryRun { return print(plan.dryRun, terminator: "") }
        try LaunchTool.require("ssh", for: "launch ssh")
        let parallel = try settings.integer("parallel", parallel, in: 1...1024) ?? 16
        try await start(plan, parallel, options.state.store(settings))
    }

    private func plan(_ settings: LaunchSettings) async throws -> SSHLaunch {
        guard let path = settings.text("hosts", hosts) else {
            throw CommandFailure(.usage, "no hosts: give --hosts FILE, with one `HOST slots=N` a line")
        }
        guard let endpoint = settings.text("coordinator", coordinator) else {
            throw CommandFailure(.usage, "no coordinator: give --coordinator tcp://HOST:PORT")
        }
        let control = try Endpoint(endpoint)
        switch control {
        case .tcp(_, nil): throw CommandFailure(.usage, "\(endpoint) names no port to connect to")
        case .tcp("*", _):
            throw CommandFailure(
                .usage, "\(endpoint) is where a coordinator binds; workers need its host's name")
        default: break
        }
        let text: String
        do throws(FileError) {
            text = try Files.text(path)
        } catch {
            throw CommandFailure(.usage, "\(path) cannot be read: \(error.cause)")
        }
        let file = try HostFile(text, path: path)
        let shares = try file.shares(of: settings.integer("workers", options.workers, in: 1...1_000_000))
        if control.isLocal { try await refuseOthers(shares, control, path) }
        var plan = SSHLaunch(
            id: LaunchRecord.newID("ssh"), shares: shares, coordinator: control.text,
            program: try program(settings))
        plan.isDetached = detach
        plan.connectTimeout = try settings.integer("connect-timeout", connectTimeout, in: 1...3600) ?? 10
        plan.workerArguments = workerArguments
        return plan
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

    /// Refuses a loopback address of the coordinator, which only this machine can reach.
    private func refuseOthers(_ shares: [HostFile.Share], _ control: Endpoint, _ path: String) async throws {
        for share in shares {
            let resolved = await HostAddress.resolvedBySSH(share.host)
            guard HostAddress.isThisMachine(share.host, resolve: { _ in resolved }) else {
                throw CommandFailure(
                    .usage,
                    "\(control) is this machine to whoever dials it, and \(share.host) in \(path) is another: give "
                        + "--coordinator an address of this machine that \(share.host) can reach")
            }
        }
    }

    private func start(_ plan: SSHLaunch, _ parallel: Int, _ store: LaunchStore) async throws {
        let live = LiveLaunch(plan.id, store, parallel: parallel, connectTimeout: plan.connectTimeout)
        // Recorded before anything runs, because `launch stop` finds workers by their record.
        try live.note([])
        let start = SSHStart(plan, parallel: parallel) { StandardError.write("\($0): \($1)") }
        let watch = SignalWatch(fastExit: ExitStatus.interrupted.rawValue) {
            StandardError.write("ending the workers; once more to leave them as they are")
            live.stop()
        }
        let outcome = try await start.run(
            begun: { try live.note($0.workers) }, settled: { Self.tell($0, plan) })
        withExtendedLifetime(watch) {}
        try await live.stopped()
        if outcome.workers.isEmpty || (!detach && outcome.lost.isEmpty) { try store.remove(plan.id) }
        try judge(outcome, plan)
    }

    private static func tell(_ outcome: SSHStart.Outcome, _ plan: SSHLaunch) {
        let hosts = Set(outcome.workers.map(\.host)).count
        StandardError.write(
            "\(plan.id): \(outcome.workers.count) of \(plan.workers) workers started on \(hosts) hosts")
        for (host, path) in outcome.logs.sorted(by: { $0.key < $1.key }) {
            StandardError.write("logs: \(host):\(path)")
        }
        for trouble in outcome.unreachable {
            StandardError.write("no workers on \(trouble.host): \(trouble.reason)")
        }
        let line = LaunchLine(
            id: plan.id, workers: outcome.workers.count, hosts: hosts, detached: plan.isDetached,
            unreachable: outcome.unreachable.map(\.host))
        if let line = try? LaunchTool.line(line) { print(line) }
        fflush(nil)
    }

    private func judge(_ outcome: SSHStart.Outcome, _ plan: SSHLaunch) throws {
        if outcome.workers.isEmpty {
            let isReached = outcome.unreachable.contains { !$0.isConnection }
            throw CommandFailure(
                isReached ? .failed : .unreachable,
                "no worker could be started on any of \(plan.shares.count) hosts; what each said stands above"
            )
        }
        if !outcome.failed.isEmpty {
            throw CommandFailure(
                .failed,
                "\(outcome.failed.count) workers did not end well: \(outcome.failed.joined(separator: ", "))")
        }
    }
}

/// The object that a launch prints.
private struct LaunchLine: Encodable {
    let id: String
    let workers: Int
    let hosts: Int
    let detached: Bool
    let unreachable: [String]
}
