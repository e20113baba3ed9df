import ArgumentParser
import Foundation
import Launching

struct LaunchStopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Ends what was launched, in order.",
        discussion: """
            Examples:
              ponder launch stop
              ponder launch stop ssh-20261124-142600-3f9a --grace 60

            Workers get SIGTERM and return their work, a coordinator saves; processes that are left after the grace period
            are killed. On hosts only processes of the launch are touched. A run continues when it is launched
            again.
            """)

    @Argument(
        help: ArgumentHelp(
            "Launches, as `launch status` names them; all when none is given.", valueName: "id"))
    var ids: [String] = []

    @OptionGroup var state: LaunchStateOption

    @Option(help: ArgumentHelp("Grace period in seconds.", valueName: "s"))
    var grace = 30

    func validate() throws {
        if !(0...86400).contains(grace) { throw ValidationError("--grace must be from 0 to 86400.") }
    }

    func run() async throws {
        let store = state.store(try LaunchSettings(file: nil, keys: ["state"]))
        let all = try store.records()
        for id in ids where !all.contains(where: { $0.id == id }) {
            let known = all.map(\.id).joined(separator: ", ")
            throw CommandFailure(
                .usage,
                "there is no launch \(id) in \(store.folder.path) (\(known.isEmpty ? "it has none" : known))")
        }
        let records = ids.isEmpty ? all : all.filter { ids.contains($0.id) }
        if records.isEmpty { StandardError.write("nothing is launched, as \(store.folder.path) has it") }
        var left: [String] = []
        for record in records {
            let rest = try await stop(record)
            if rest.isEmpty { try store.remove(record.id) }
            left += rest
        }
        guard left.isEmpty else {
            throw CommandFailure(
                .failed, "not known to have ended, and still recorded: \(left.joined(separator: ", "))")
        }
    }

    /// - Returns: the parts that may still run.
    private func stop(_ record: LaunchRecord) async throws -> [String] {
        switch record.launched {
        case .ssh(let workers):
            try LaunchTool.require("ssh", for: "launch stop")
            let findings = try await FarWorkers.stop(workers, grace: grace)
            for finding in findings {
                print("\(record.id)  \(finding.worker.name)  \(finding.worker.place)  \(finding.state)")
            }
            return findings.filter { !$0.isOver }.map { "\($0.worker.name) on \($0.worker.place)" }
        case .slurm(let coordinator, let workers, let folder):
            try LaunchTool.require("scancel", for: "launch stop")
            let script = SlurmLaunch.stopScript(
                coordinator: coordinator, workers: workers, folder: folder, grace: grace)
            for line in try await LaunchTool.run(script, "scancel") { print("\(record.id)  \(line)") }
        case .kubernetes(let namespace, let context):
            try LaunchTool.require("kubectl", for: "launch stop")
            let script = KubernetesLaunch.stopScript(namespace: namespace, context: context, grace: grace)
            for line in try await LaunchTool.run(script, "kubectl delete") { print("\(record.id)  \(line)") }
        }
        print("\(record.id)  ended")
        return []
    }
}
