import ArgumentParser
import Foundation
import Launching

struct LaunchStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Lists launches and the state of their parts.",
        discussion: """
            Examples:
              ponder launch status
              ponder launch status --json

            `ponder status` shows the progress of a run; this command asks the hosts, Slurm or Kubernetes.
            """)

    @OptionGroup var state: LaunchStateOption

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        let store = state.store(try LaunchSettings(file: nil, keys: ["state"]))
        let records = try store.records()
        if records.isEmpty { StandardError.write("no launches are recorded in \(store.folder.path)") }
        for record in records {
            for row in try await LaunchedParts.rows(of: record) {
                print(json ? try LaunchTool.line(row) : "\(row.id)  \(row.name)  \(row.place)  \(row.state)")
            }
            fflush(nil)
        }
    }
}

/// The state of one part of a launch.
enum LaunchedParts {
    struct Row: Encodable {
        let id: String
        let name: String
        let place: String
        let state: String
    }

    static func rows(of record: LaunchRecord) async throws -> [Row] {
        switch record.launched {
        case .ssh(let workers):
            try LaunchTool.require("ssh", for: "launch status")
            return try await FarWorkers.status(of: workers).map {
                Row(id: record.id, name: $0.worker.name, place: $0.worker.place, state: $0.state)
            }
        case .slurm(let coordinator, let workers, let folder):
            try LaunchTool.require("squeue", for: "launch status")
            let jobs = [coordinator, workers].compactMap { $0 }
            let (code, lines) = try await ScriptRun.output(of: SlurmLaunch.statusScript(jobs: jobs))
            // Slurm forgets jobs some minutes after their end.
            if code != 0, lines.contains(where: { $0.contains("Invalid job id") }) {
                return [Row(id: record.id, name: "jobs", place: folder, state: "gone")]
            }
            guard code == 0 else { throw CommandFailure(.failed, lines.joined(separator: "; ")) }
            if lines.isEmpty { return [Row(id: record.id, name: "jobs", place: folder, state: "gone")] }
            return lines.map { line in
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                return Row(
                    id: record.id, name: words.first ?? line, place: words.count > 3 ? words[3] : "",
                    state: words.count > 1 ? words[1].lowercased() : "unknown")
            }
        case .kubernetes(let namespace, let context):
            try LaunchTool.require("kubectl", for: "launch status")
            let script = KubernetesLaunch.statusScript(namespace: namespace, context: context)
            return try await LaunchTool.run(script, "kubectl get").map { line in
                let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
                return Row(
                    id: record.id, name: words.first ?? line, place: words.count > 2 ? words[2] : "",
                    state: words.count > 1 ? words[1].lowercased() : "unknown")
            }
        }
    }
}
